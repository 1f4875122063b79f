package dev.longhaul.execution;

import dev.longhaul.execution.Verification.Verdict;
import java.sql.SQLException;

/// `create database` and `drop database`: done when the database is there, or gone. The row of a
/// new one is committed last of all. A drop that was interrupted leaves a database that takes no
/// connection (`datconnlimit` -2, since the minor releases of August 2023) and is to be dropped
/// again (<https://www.postgresql.org/docs/current/sql-dropdatabase.html>).
///
/// @param name without quotes
record DatabaseExistence(Catalog catalog, String name, boolean wanted) implements VerifiedStep {

  @Override
  public boolean isMadeAlready() throws SQLException {
    return wanted && exists();
  }

  @Override
  public Verdict afterInterruption() throws SQLException {
    return exists() == wanted ? Verdict.DONE : Verdict.NOT_DONE;
  }

  @Override
  public boolean isHalfDone() throws SQLException {
    return !wanted
        && catalog.is(
            "select datconnlimit = -2 from pg_catalog.pg_database where datname = ?::text::name",
            name);
  }

  private boolean exists() throws SQLException {
    return catalog.is(
        "select exists (select from pg_catalog.pg_database where datname = ?::text::name)", name);
  }
}
