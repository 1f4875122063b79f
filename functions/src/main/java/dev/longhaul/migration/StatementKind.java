package dev.longhaul.migration;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a statement is, as far as running it safely depends on that. Read from its first words;
/// what they do not tell (a procedure that commits, say) the server tells when the statement runs.
public sealed interface StatementKind {

  /// Moves rows. Waits for row locks only, which stall nobody's other rows.
  record Data() implements StatementKind {}

  /// `set`, `reset`: acts on the session, so that a later attempt has to repeat it.
  ///
  /// @param name of what is set, in lower case; empty for `set local`, which acts on a transaction
  record Setting(String name) implements StatementKind {}

  /// Everything else that may run in a transaction.
  record Definition() implements StatementKind {}

  /// `begin`, `commit`, … Never ours to run.
  record TransactionControl(String words) implements StatementKind {}

  /// @param index without quotes; null where the statement leaves the name to PostgreSQL
  /// @param table as written, resolved by the session's search path
  /// @param definition all after the table's name, as written
  record CreateIndexConcurrently(
      @Nullable String index,
      String table,
      boolean ifNotExists,
      boolean isUnique,
      String definition)
      implements OutsideTransaction {}

  /// @param indexes as written
  record DropIndexConcurrently(List<String> indexes) implements OutsideTransaction {
    public DropIndexConcurrently {
      indexes = List.copyOf(indexes);
    }
  }

  /// @param object `index`, `table`, `schema`, `database` or `system`
  /// @param name as written
  record ReindexConcurrently(String object, String name) implements OutsideTransaction {}

  /// `alter table … detach partition … concurrently`, or `… finalize`, which ends one that was
  /// interrupted.
  ///
  /// @param table as written
  /// @param partition as written
  record DetachPartition(String table, String partition) implements OutsideTransaction {}

  /// `alter type … add value`. It may run in a transaction, but until that commits nobody can use
  /// the value (55P04), not even the script that adds it.
  ///
  /// @param type as written
  /// @param label an SQL string, as written
  record AddEnumValue(String type, String label) implements OutsideTransaction {}

  /// @param name without quotes
  record CreateDatabase(String name) implements OutsideTransaction {}

  /// @param name without quotes
  record DropDatabase(String name) implements OutsideTransaction {}

  /// `vacuum`: to run it twice does no harm.
  ///
  /// @param isFull rewrites the table under a lock that stalls all others
  /// @param tables as written; none for all tables of the database
  record Vacuum(boolean isFull, boolean analyzes, List<String> tables)
      implements OutsideTransaction {
    public Vacuum {
      tables = List.copyOf(tables);
    }
  }

  /// Rewrites tables or indexes one after the other under locks that stall all others (`cluster`
  /// without a table, `reindex schema`): to run it twice does no harm.
  record Rewrite() implements OutsideTransaction {}

  /// Refuses a transaction, and nothing here knows how to tell afterwards whether it happened.
  record Unverifiable(boolean waitsSafely) implements OutsideTransaction {}

  /// What cannot run inside a transaction (SQLSTATE 25001), or not to any use (55P04).
  sealed interface OutsideTransaction extends StatementKind
      permits CreateIndexConcurrently,
          DropIndexConcurrently,
          ReindexConcurrently,
          DetachPartition,
          AddEnumValue,
          CreateDatabase,
          DropDatabase,
          Vacuum,
          Rewrite,
          Unverifiable {}

  static StatementKind of(String statement) {
    return new StatementReader(statement).read();
  }
}
