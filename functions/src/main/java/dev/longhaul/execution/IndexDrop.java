package dev.longhaul.execution;

import dev.longhaul.execution.Verification.Verdict;
import dev.longhaul.migration.StatementKind.DropIndexConcurrently;
import java.sql.SQLException;
import java.util.Optional;

/// `drop index concurrently`: done when the index is gone. One that was interrupted leaves it
/// behind, invalid, and is simply run again. Of a run without an error nothing needs to be asked:
/// the name may well stand for an index of another schema by then.
record IndexDrop(Catalog catalog, DropIndexConcurrently drop) implements VerifiedStep {

  @Override
  public Optional<Long> table() throws SQLException {
    return catalog.oid(
        "(select indrelid from pg_index where indexrelid = to_regclass(?))",
        drop.indexes().getFirst());
  }

  @Override
  public Verdict afterInterruption() throws SQLException {
    for (String index : drop.indexes()) {
      if (catalog.is(
          "select exists (select from pg_index where indexrelid = to_regclass(?))", index)) {
        return isOfLaterSchema(index) ? Verdict.UNKNOWN : Verdict.NOT_DONE;
      }
    }
    return Verdict.DONE;
  }

  /// The drop makes an index invalid before it waits for those who use it
  /// (<https://www.postgresql.org/docs/current/catalog-pg-index.html>). It is not built anew: who
  /// has cancelled the drop would wait for the build.
  @Override
  public boolean isHalfDone() throws SQLException {
    for (String index : drop.indexes()) {
      if (catalog.is(
          "select not indisvalid from pg_index where indexrelid = to_regclass(?)", index)) {
        return true;
      }
    }
    return false;
  }

  /// Whether the name, found through the search path, may have stood for an index of an earlier
  /// schema until that was dropped. To run the statement again would then drop a second index.
  private boolean isOfLaterSchema(String index) throws SQLException {
    return catalog.is(
        """
        select cardinality(parse_ident(?)) = 1
          and n.nspname <> all (array['pg_catalog', (current_schemas(false))[1]])
        from pg_catalog.pg_class as c
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where c.oid = to_regclass(?)
        """,
        index,
        index);
  }
}
