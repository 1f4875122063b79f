package dev.longhaul.execution;

import dev.longhaul.database.Dialect;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.DropIndexConcurrently;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.migration.StatementKind.ReindexConcurrently;
import dev.longhaul.migration.StatementKind.Unverifiable;
import dev.longhaul.migration.StatementKind.Vacuum;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Reads from the catalog whether a statement that refuses a transaction has happened, and removes
/// what an unsuccessful one leaves behind. Names are resolved on the work connection, with the
/// script's own search path.
record Verification(Connection connection, OutsideTransaction kind) {
  enum Verdict {
    DONE,
    NOT_DONE,
    /// Nothing in the catalog tells.
    UNKNOWN
  }

  private record Index(String qualifiedName, boolean isValid) {}

  /// The object id of the table whose indexes the statement changes; empty where it does not say,
  /// or where there is no such table.
  Optional<Long> table() throws SQLException {
    String ofIndex = "(select indrelid from pg_index where indexrelid = to_regclass(?))";
    return switch (kind) {
      case CreateIndexConcurrently create -> oid("to_regclass(?)", create.table());
      case DropIndexConcurrently drop -> oid(ofIndex, drop.indexes().getFirst());
      case ReindexConcurrently reindex ->
          switch (reindex.object()) {
            case "index" -> oid(ofIndex, reindex.name());
            case "table" -> oid("to_regclass(?)", reindex.name());
            default -> Optional.empty();
          };
      case Vacuum vacuum -> Optional.empty();
      case Unverifiable unverifiable -> Optional.empty();
    };
  }

  private Optional<Long> oid(String expression, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select " + expression + "::oid::bigint")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long oid = row.getLong(1);
        return row.wasNull() ? Optional.empty() : Optional.of(oid);
      }
    }
  }

  /// What stands in the way of running the statement for the first time.
  Optional<String> obstacle() throws SQLException {
    if (kind instanceof CreateIndexConcurrently create) {
      return find(create)
          .filter(index -> !index.isValid())
          .map(
              index ->
                  "index %s exists and is invalid, left by a build that failed outside of this migration"
                      .formatted(index.qualifiedName()));
    }
    return Optional.empty();
  }

  /// After an attempt that died with the statement begun. Its session is gone: this one holds the
  /// lock.
  Verdict afterInterruption() throws SQLException {
    return switch (kind) {
      case CreateIndexConcurrently create -> isValid(create) ? Verdict.DONE : Verdict.NOT_DONE;
      case DropIndexConcurrently drop -> areGone(drop) ? Verdict.DONE : Verdict.NOT_DONE;
      // Both may be run again without harm.
      case ReindexConcurrently reindex -> Verdict.NOT_DONE;
      case Vacuum vacuum -> Verdict.NOT_DONE;
      case Unverifiable unverifiable -> Verdict.UNKNOWN;
    };
  }

  /// Why the statement is not done although the server reported no error.
  Optional<String> contradiction() throws SQLException {
    return switch (kind) {
      case CreateIndexConcurrently create when !isValid(create) ->
          Optional.of("the index is not valid in the catalog");
      case DropIndexConcurrently drop when !areGone(drop) ->
          Optional.of("the index is still in the catalog");
      case ReindexConcurrently reindex when !leftOvers(reindex).isEmpty() ->
          Optional.of("invalid copies of the index are left in the catalog");
      case CreateIndexConcurrently create -> Optional.empty();
      case DropIndexConcurrently drop -> Optional.empty();
      case ReindexConcurrently reindex -> Optional.empty();
      case Vacuum vacuum -> Optional.empty();
      case Unverifiable unverifiable -> Optional.empty();
    };
  }

  /// Statements that remove what an unsuccessful attempt has left; each may wait for long, like the
  /// statement itself.
  List<String> repairs() throws SQLException {
    List<String> indexes =
        switch (kind) {
          case CreateIndexConcurrently create ->
              find(create).filter(index -> !index.isValid()).stream()
                  .map(Index::qualifiedName)
                  .toList();
          case ReindexConcurrently reindex -> leftOvers(reindex);
          case DropIndexConcurrently drop -> List.of();
          case Vacuum vacuum -> List.of();
          case Unverifiable unverifiable -> List.of();
        };
    return indexes.stream().map(index -> "drop index concurrently if exists " + index).toList();
  }

  private boolean isValid(CreateIndexConcurrently create) throws SQLException {
    return find(create).filter(Index::isValid).isPresent();
  }

  private Optional<Index> find(CreateIndexConcurrently create) throws SQLException {
    return indexes(
            "i.indrelid = to_regclass(?) and c.relname = left(?, 63)",
            create.table(),
            Objects.requireNonNull(create.index(), "registration refuses unnamed indexes"))
        .stream()
        .findFirst();
  }

  private boolean areGone(DropIndexConcurrently drop) throws SQLException {
    for (String index : drop.indexes()) {
      if (!indexes("c.oid = to_regclass(?)", index).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /// The transient indexes of an interrupted REINDEX CONCURRENTLY
  /// (<https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY>).
  private List<String> leftOvers(ReindexConcurrently reindex) throws SQLException {
    String suffix = " and not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'";
    List<Index> found =
        switch (reindex.object()) {
          case "index" ->
              indexes(
                  "i.indrelid = (select indrelid from pg_index where indexrelid = to_regclass(?))"
                      + " and c.relname like replace(left((select relname from pg_class where oid ="
                      + " to_regclass(?)), 56), '_', '\\_') || '%'"
                      + suffix,
                  reindex.name(),
                  reindex.name());
          case "table" -> indexes("i.indrelid = to_regclass(?)" + suffix, reindex.name());
          case "schema" -> indexes("c.relnamespace = to_regnamespace(?)" + suffix, reindex.name());
          default -> indexes("true" + suffix);
        };
    return found.stream().map(Index::qualifiedName).toList();
  }

  private List<Index> indexes(String condition, String... parameters) throws SQLException {
    String sql =
        """
        select n.nspname, c.relname, i.indisvalid
        from pg_catalog.pg_index as i
        join pg_catalog.pg_class as c on c.oid = i.indexrelid
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where %s
        """
            .formatted(condition);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      List<Index> indexes = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String name =
              Dialect.identifier(rows.getString(1)) + "." + Dialect.identifier(rows.getString(2));
          indexes.add(new Index(name, rows.getBoolean(3)));
        }
      }
      return indexes;
    }
  }
}
