package dev.longhaul.execution;

import dev.longhaul.database.Dialect;
import dev.longhaul.execution.Verification.Verdict;
import dev.longhaul.migration.StatementKind.AddEnumValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/// `alter type … add value`: done when the type has the value.
record EnumValue(Catalog catalog, AddEnumValue add) implements VerifiedStep {

  @Override
  public boolean isMadeAlready() throws SQLException {
    return exists();
  }

  @Override
  public Verdict afterInterruption() throws SQLException {
    return exists() ? Verdict.DONE : Verdict.NOT_DONE;
  }

  @Override
  public Optional<String> contradiction() throws SQLException {
    return exists() ? Optional.empty() : Optional.of("the type does not have the value");
  }

  /// The label goes to the server as it is written, whatever form of string that is.
  private boolean exists() throws SQLException {
    String sql =
        "select exists (select from pg_catalog.pg_enum where enumtypid = to_regtype("
            + Dialect.literal(add.type())
            + ") and enumlabel = "
            + add.label()
            + ")";
    try (Statement statement = catalog.connection().createStatement()) {
      // A question mark in the label is no parameter here.
      statement.setEscapeProcessing(false);
      try (ResultSet row = statement.executeQuery(sql)) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }
}
