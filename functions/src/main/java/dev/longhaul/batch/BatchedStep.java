package dev.longhaul.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.SqlState;
import dev.longhaul.health.HealthCheck;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Key;
import dev.longhaul.journal.Lookout;
import dev.longhaul.journal.Range;
import dev.longhaul.journal.Ranges;
import dev.longhaul.metrics.Meter;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.Refusal;
import dev.longhaul.migration.StatementAlias;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One attempt at a statement that holds the placeholder: cuts its table where nobody has yet,
/// takes the ranges over where somebody has, and lets workers walk them to the end.
///
/// @param journal on a connection of its own
/// @param role in which the script acts
/// @param sessions more like the attempt's, for workers
/// @param timeLeft for batches; zero if there is none
public record BatchedStep(
    Attempt attempt,
    Journal journal,
    Batch batch,
    HealthLimits limits,
    Role role,
    Sessions sessions,
    Supplier<Duration> timeLeft,
    Meter meter) {

  /// When the sweep should suspect that this executor is gone, if the cut never ends.
  private static final Duration TO_CUT = Duration.ofMinutes(2);

  /// In the progress: what `until_empty` has counted after the latest walk. A later attempt has to
  /// know it, or walks that change nothing would follow each other for ever.
  static final String ROWS_LEFT = "rows_left";

  private static final int UNKNOWN = -1;

  @FunctionalInterface
  public interface Sessions {
    /// @throws Refusal if there is none to be had
    Connection open() throws SQLException;
  }

  /// The session has its own limits again afterwards: other statements of the script may take as
  /// long as they need.
  ///
  /// @param entry the journal's present view of the attempt
  /// @throws SQLException what the server says against the table or the statement
  public End run(JournalEntry entry) throws SQLException, KeyedTable.Unwalkable {
    Connection connection = attempt.connection().connection();
    SessionLimits before = SessionLimits.of(connection);
    SessionLimits ofBatches =
        SessionLimits.ofBatches(entry.migration().lockTimeout(), batch.target());
    try {
      ofBatches.apply(connection);
      return run(connection, ofBatches, entry);
    } finally {
      if (!connection.isClosed()) {
        before.apply(connection);
      }
    }
  }

  private End run(Connection connection, SessionLimits ofBatches, JournalEntry entry)
      throws SQLException, KeyedTable.Unwalkable {
    Duration whole = timeLeft.get();
    KeyedTable table;
    BatchStatement resolved;
    role.take(connection);
    try {
      table = KeyedTable.find(connection, batch);
      String statement = entry.statements().get(entry.steps().done());
      resolved = BatchStatement.resolve(connection, table, statement);
    } finally {
      role.layAside(connection);
    }
    Ranges ranges = new Ranges(attempt, entry);
    long left = rowsLeft(entry, ranges);
    End end = walk(connection, ofBatches, table, resolved, ranges, left);
    while (end instanceof End.Done && batch.untilEmpty() != null) {
      OptionalLong counted = count(connection, ofBatches, batch.untilEmpty(), whole);
      if (counted.isEmpty()) {
        return new End.TimeUp();
      }
      // What was passed over is there still, and would be again after any other walk.
      long now = counted.getAsLong() - ranges.skipped();
      if (now <= 0) {
        break;
      }
      if (left != UNKNOWN && now >= left) {
        return new End.Failed(
            new SQLException(
                "until_empty still counts %d rows after a walk that made them no fewer"
                    .formatted(now),
                "XX000"),
            null);
      }
      left = now;
      ranges = ranges.again();
      end = walk(connection, ofBatches, table, resolved, ranges, left);
    }
    return end;
  }

  private static long rowsLeft(JournalEntry entry, Ranges ranges) {
    @Nullable ObjectNode progress = entry.run().progress();
    return progress == null || !progress.path("phase").asText().equals(phase(ranges))
        ? UNKNOWN
        : progress.path(ROWS_LEFT).asLong(UNKNOWN);
  }

  static String phase(Ranges ranges) {
    return "step " + ranges.step();
  }

  private End walk(
      Connection connection,
      SessionLimits ofBatches,
      KeyedTable table,
      BatchStatement statement,
      Ranges ranges,
      long left)
      throws SQLException {
    List<Range> all = ranges.takeOver();
    if (all.isEmpty()) {
      announce(ranges, table.estimatedRows(connection), left);
    }
    long rows;
    List<Key> uppers = List.of();
    role.take(connection);
    try {
      new Statistics(connection, table).complete();
      rows = table.estimatedRows(connection);
      if (all.isEmpty()) {
        uppers = new Cut(connection, table, rows).uppers(batch.parallelism());
      }
    } finally {
      role.layAside(connection);
    }
    if (all.isEmpty()) {
      ranges.forgetEarlier();
      ranges.cut(uppers, rows);
      all = ranges.takeOver();
    }
    Set<Integer> backends = new HashSet<>();
    JournalEntry.@Nullable Backend backend = attempt.entry().backend();
    if (backend != null) {
      backends.add(backend.pid());
    }
    WorkersOf workersOf = new WorkersOf();
    Walk walk =
        new Walk(
            table,
            statement,
            role,
            ranges,
            all,
            batch,
            left,
            new StripeChoice(batch, obstacle(table, statement), System::nanoTime),
            new Brake(
                new HealthCheck(
                    journal.connection().connection(),
                    limits.merge(batch.health()),
                    table.oid(),
                    workersOf),
                limits,
                meter),
            meter);
    Workers workers =
        new Workers(walk, attempt, new Lookout(journal), timeLeft, () -> open(ofBatches), backends);
    workersOf.workers = workers;
    try {
      return workers.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new End.TimeUp();
    } finally {
      role.layAside(connection);
    }
  }

  /// Before the table is analyzed and cut, which takes a while where it is large: until then the
  /// steps of the script would be all that is known, of which the walk is the last and the longest.
  private void announce(Ranges ranges, long rows, long left) {
    ObjectNode progress =
        JsonNodeFactory.instance
            .objectNode()
            .put("done", 0)
            .put("total", rows)
            .put("unit", "row")
            .put("phase", phase(ranges));
    if (left != UNKNOWN) {
      progress.put(ROWS_LEFT, left);
    }
    new Lookout(journal).walked(attempt, progress, false, TO_CUT);
  }

  private Connection open(SessionLimits ofBatches) throws SQLException {
    Connection another = sessions.open();
    try {
      ofBatches.apply(another);
      return another;
    } catch (SQLException e) {
      another.close();
      throw e;
    }
  }

  /// The server processes of workers that are made after the health check that asks for them.
  private static final class WorkersOf implements Supplier<Set<Integer>> {
    @Nullable Workers workers;

    @Override
    public Set<Integer> get() {
      return workers == null ? Set.of() : workers.backends();
    }
  }

  /// Why stripes cannot pay; null if they may.
  private static @Nullable String obstacle(KeyedTable table, BatchStatement statement) {
    String name = table.name().substring(BatchStatement.lastPoint(table.name()) + 1);
    return StatementAlias.isUpdated(statement.statement(), name)
        ? null
        : "off: only updates of the table itself gain by them";
  }

  /// Counts for as long as the function has time.
  ///
  /// @param whole what there was when the attempt began
  /// @return empty if that was not enough, but another attempt has more
  private OptionalLong count(
      Connection connection, SessionLimits ofBatches, String query, Duration whole)
      throws SQLException {
    Duration most = timeLeft.get();
    if (most.isZero()) {
      return OptionalLong.empty();
    }
    ofBatches.withStatementTimeout(most).apply(connection);
    role.take(connection);
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      try (ResultSet row = statement.executeQuery(query)) {
        return OptionalLong.of(row.next() ? row.getLong(1) : 0);
      }
    } catch (SQLException e) {
      boolean isTimeUp =
          SqlState.of(e).equals(SqlState.QUERY_CANCELED)
              && most.compareTo(whole.dividedBy(2)) < 0
              && timeLeft.get().isZero();
      if (isTimeUp) {
        return OptionalLong.empty();
      }
      throw e;
    } finally {
      role.layAside(connection);
      if (!connection.isClosed()) {
        ofBatches.apply(connection);
      }
    }
  }
}
