package dev.longhaul.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.longhaul.migration.StatementAlias;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One attempt at a statement that holds the placeholder: cuts its table where nobody has yet,
/// takes the ranges over where somebody has, and lets workers walk them to the end.
///
/// @param journal on a connection of its own
/// @param connect opens one more session like the attempt's
public record BatchedStep(
    Attempt attempt,
    Journal journal,
    Batch batch,
    HealthLimits limits,
    Supplier<Connection> connect,
    BooleanSupplier isTimeUp,
    Meter meter) {

  /// When the sweep should suspect that this executor is gone, if the cut never ends.
  private static final Duration TO_CUT = Duration.ofMinutes(2);

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);

  /// Of the target time, but a server that is slow for a moment has some seconds.
  private static final int LONGEST_OF_TARGET = 20;

  private static final Duration LEAST_STATEMENT_TIMEOUT = Duration.ofSeconds(10);

  /// @param entry the journal's present view of the attempt
  /// @throws SQLException what the server says against the table or the statement
  public End run(JournalEntry entry) throws SQLException, KeyedTable.Unwalkable {
    Connection connection = attempt.connection().connection();
    KeyedTable table = KeyedTable.find(connection, batch);
    String statement = entry.statements().get(entry.steps().done());
    BatchStatement resolved = BatchStatement.resolve(connection, table, statement);
    setUp(connection, entry);
    Ranges ranges = new Ranges(attempt, entry);
    End end = walk(connection, table, resolved, ranges, entry);
    long left = -1;
    while (end instanceof End.Done && batch.untilEmpty() != null) {
      long now = left(connection, batch.untilEmpty());
      if (now == 0) {
        break;
      }
      if (left >= 0 && now >= left) {
        return new End.Failed(
            new SQLException(
                "until_empty still counts %d rows after a walk that made them no fewer"
                    .formatted(now),
                "XX000"),
            null);
      }
      left = now;
      ranges = ranges.again();
      end = walk(connection, table, resolved, ranges, entry);
    }
    return end;
  }

  private End walk(
      Connection connection,
      KeyedTable table,
      BatchStatement statement,
      Ranges ranges,
      JournalEntry entry)
      throws SQLException {
    List<Range> all = ranges.takeOver();
    if (all.isEmpty()) {
      announce(entry, table.estimatedRows(connection));
    }
    new Statistics(connection, table).complete();
    if (all.isEmpty()) {
      ranges.forgetEarlier();
      long rows = table.estimatedRows(connection);
      List<Key> uppers = new Cut(connection, table, rows).uppers(batch.parallelism());
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
            ranges,
            all,
            batch,
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
        new Workers(
            walk,
            attempt,
            new Lookout(journal),
            isTimeUp,
            () -> {
              Connection another = connect.get();
              setUp(another, entry);
              return another;
            },
            backends);
    workersOf.workers = workers;
    try {
      return workers.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new End.TimeUp();
    }
  }

  /// Before the table is analyzed and cut, which takes a while where it is large: until then the
  /// steps of the script would be all that is known, of which the walk is the last and the longest.
  private void announce(JournalEntry entry, long rows) {
    ObjectNode progress =
        JsonNodeFactory.instance
            .objectNode()
            .put("done", 0)
            .put("total", rows)
            .put("unit", "row")
            .put("phase", "step " + (entry.steps().done() + 1));
    new Lookout(journal).walked(attempt, progress, false, TO_CUT);
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

  private static long left(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      try (ResultSet row = statement.executeQuery(query)) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /// No batch waits long for a lock while it holds others, and none runs on for a client that is
  /// gone.
  private void setUp(Connection connection, JournalEntry entry) throws SQLException {
    @Nullable Duration asked = entry.migration().lockTimeout();
    long lockTimeout = (asked == null ? LOCK_TIMEOUT : asked).toMillis();
    long longest =
        Math.max(
            batch.target().multipliedBy(LONGEST_OF_TARGET).toMillis(),
            LEAST_STATEMENT_TIMEOUT.toMillis());
    try (Statement setting = connection.createStatement()) {
      setting.execute("set lock_timeout = " + lockTimeout);
      setting.execute("set statement_timeout = " + longest);
      try (ResultSet known =
          setting.executeQuery(
              "select set_config(name, '5s', false) from pg_catalog.pg_settings where name ="
                  + " 'client_connection_check_interval'")) {
        known.next();
      }
    }
  }
}
