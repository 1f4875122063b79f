package dev.longhaul.execution;

import dev.longhaul.migration.StatementKind.AddEnumValue;
import dev.longhaul.migration.StatementKind.CreateDatabase;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.DetachPartition;
import dev.longhaul.migration.StatementKind.DropDatabase;
import dev.longhaul.migration.StatementKind.DropIndexConcurrently;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.migration.StatementKind.ReindexConcurrently;
import dev.longhaul.migration.StatementKind.Rewrite;
import dev.longhaul.migration.StatementKind.Unverifiable;
import dev.longhaul.migration.StatementKind.Vacuum;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Reads from the catalog whether a statement that refuses a transaction has happened, and tells
/// how to remove what an unsuccessful one leaves behind. Names are resolved on the work connection,
/// with the script's own search path. One for each run of a statement: it remembers what was there
/// before.
final class Verification {
  enum Verdict {
    DONE,
    NOT_DONE,
    /// Nothing in the catalog tells.
    UNKNOWN
  }

  private final VerifiedStep step;

  Verification(Connection connection, OutsideTransaction kind) {
    Catalog catalog = new Catalog(connection);
    this.step =
        switch (kind) {
          case CreateIndexConcurrently create -> new IndexBuild(catalog, create);
          case DropIndexConcurrently drop -> new IndexDrop(catalog, drop);
          case ReindexConcurrently reindex -> new Reindex(catalog, reindex);
          case DetachPartition detach -> new PartitionDetach(catalog, detach);
          case AddEnumValue add -> new EnumValue(catalog, add);
          case CreateDatabase(String name) -> new DatabaseExistence(catalog, name, true);
          case DropDatabase(String name) -> new DatabaseExistence(catalog, name, false);
          case Vacuum vacuum -> new VacuumRun(catalog, vacuum);
          case Rewrite rewrite -> new Repeatable();
          case Unverifiable unverifiable -> () -> Verdict.UNKNOWN;
        };
  }

  /// `cluster` or `reindex` of all there is: nothing tells, and to run it twice does no harm.
  private record Repeatable() implements VerifiedStep {
    @Override
    public Verdict afterInterruption() {
      return Verdict.NOT_DONE;
    }

    @Override
    public boolean tells() {
      return false;
    }
  }

  /// The object id of the table whose indexes or partitions the statement changes; empty where it
  /// does not say, or where there is no such table.
  Optional<Long> table() throws SQLException {
    return step.table();
  }

  /// What stands in the way of running the statement for the first time.
  Optional<String> obstacle() throws SQLException {
    return step.obstacle();
  }

  /// Whether what the statement would make is there before it runs for the first time. Then it
  /// changes nothing: the server refuses it, or is content. Nothing of it may be in doubt, or who
  /// looks after a dead attempt takes for done what others have made.
  boolean isMadeAlready() throws SQLException {
    return step.isMadeAlready();
  }

  /// After an attempt that died with the statement begun, or has left it to the server. Its session
  /// is gone: this one holds the lock.
  ///
  /// @param wasLeft to the server, where it may well have come to its end
  Verdict afterInterruption(boolean wasLeft) throws SQLException {
    return wasLeft && !step.tells() ? Verdict.UNKNOWN : step.afterInterruption();
  }

  /// Why the statement is not done although the server reported no error.
  Optional<String> contradiction() throws SQLException {
    return step.contradiction();
  }

  /// Statements that remove what an unsuccessful one has left. Each may wait for long, as the
  /// statement itself may.
  List<String> repairs() throws SQLException {
    return step.repairs();
  }

  /// Whether an unsuccessful statement has left something that is not repaired and that only the
  /// statement's own end removes. Then something has been applied, although the step is not done.
  boolean isHalfDone() throws SQLException {
    return step.isHalfDone();
  }

  /// For a unique index whose build has failed while nobody was connected: a key that more than one
  /// row has, in the words of PostgreSQL's own error. To be asked before the left-over is removed,
  /// since that says what to look for. Empty where there is none, or none was found in the time.
  ///
  /// @param atMost how long the search may take; it reads the whole table
  Optional<String> duplicateKey(Duration atMost) throws SQLException {
    return step.duplicateKey(atMost);
  }

  /// The statement to send: as written, or what ends the one that an earlier run has begun.
  String statement(String asWritten) throws SQLException {
    return step.statement(asWritten);
  }
}
