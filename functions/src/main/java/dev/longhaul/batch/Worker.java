package dev.longhaul.batch;

import dev.longhaul.database.SqlState;
import dev.longhaul.journal.Key;
import dev.longhaul.journal.Range;
import dev.longhaul.journal.Ranges;
import dev.longhaul.migration.ErrorDetails;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Walks ranges on one connection, a batch a transaction. A batch is one message to the server: the
/// cursor moves first, which locks the range's row, then the statement runs, and the server commits
/// both, or neither.
final class Worker implements Runnable {
  /// How long a session may be idle that holds the migration's lock, before it is taken for dead.
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(3);

  private static final int LOCK_TRIES = 3;

  /// After so many batches the range's row gets another number.
  private static final int BATCHES_BY_NUMBER = 100;

  /// Lets a transaction's commit return before it is on the disk
  /// (<https://www.postgresql.org/docs/current/wal-async-commit.html>). A server that crashes takes
  /// back rows and cursor together, and never what was committed before them but not what came
  /// after, so the journal's FINISHED is only there if they are.
  private static final String UNAWAITED =
      "select pg_catalog.set_config('synchronous_commit', 'off', true)";

  private final Walk walk;
  private final int number;
  private final Connection connection;
  private final Pieces pieces;

  /// While a row is looked for that the statement fails at; else 0.
  private int limit;

  private int lockTries;

  /// When the session was last told to do something.
  private long lastSign = System.nanoTime();

  /// What the session's limits are made for.
  private Duration target;

  /// @param number from 0, the one whose session is the lease
  Worker(Walk walk, int number, Connection connection) {
    this.walk = walk;
    this.number = number;
    this.connection = connection;
    this.target = walk.options().target();
    this.pieces = new Pieces(connection, walk.table, walk.statement.alias(), walk.stripes);
  }

  @Override
  public void run() {
    try {
      work();
    } catch (SQLException e) {
      walk.stop(ofConnection(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      walk.stop(new End.TimeUp());
    }
  }

  /// Without the first worker's session the lease is gone. Without another's, a new attempt may
  /// begin at once: the cursors say what is done.
  private End ofConnection(SQLException e) {
    if (!SqlState.isConnectionLoss(SqlState.of(e))) {
      return new End.Failed(e, null);
    }
    return number == 0 ? new End.Lost(e) : new End.TimeUp();
  }

  private void work() throws SQLException, InterruptedException {
    walk.role.take(connection);
    while (walk.goesOn() && !walk.isDone()) {
      Optional<Range> range = isWanted() ? walk.take() : Optional.empty();
      if (range.isPresent()) {
        walk(range.get());
      } else if (number > 0) {
        return;
      } else {
        rest(Duration.ofMillis(200));
      }
    }
  }

  private boolean isWanted() {
    return number < walk.options().parallelism();
  }

  private void walk(Range begin) throws SQLException, InterruptedException {
    Range range = begin;
    long numberedAt = range.batches();
    try {
      while (!range.isDone() && walk.goesOn() && isWanted()) {
        awaitGo();
        if (walk.goesOn()) {
          if (range.batches() - numberedAt >= BATCHES_BY_NUMBER) {
            range = renumbered(range);
            numberedAt = range.batches();
          }
          range = batch(range);
        }
      }
    } finally {
      walk.bringBack(range);
    }
  }

  private Range renumbered(Range range) throws SQLException {
    Range after = range.renumbered();
    execute(List.of(walk.ranges.renumber(range, after).inlined()), List.of());
    return after;
  }

  /// Does one batch, or finds that it has to be smaller.
  ///
  /// @return the range as it is then
  private Range batch(Range range) throws SQLException, InterruptedException {
    boolean isSearch = limit > 0;
    BatchSize size = walk.size;
    int wanted = isSearch ? limit : size.rows();
    long lookUp = System.nanoTime();
    Piece piece;
    try {
      followTarget();
      piece = pieces.next(range, wanted, isSearch);
    } catch (SQLException e) {
      return notFound(range, e);
    }
    long begin = System.nanoTime();
    try {
      run(range, piece);
    } catch (SQLException e) {
      return failed(range, piece, e);
    }
    lastSign = System.nanoTime();
    Duration time = Duration.ofNanos(lastSign - begin);
    walk.moved(range, piece.after(), time);
    lockTries = 0;
    if (isSearch) {
      limit = limit * 2L >= size.rows() ? 0 : limit * 2;
    } else {
      size.took(piece.rows(), time, walk.brake.isHeld());
    }
    if (range.stripes() != null && piece.after().stripes() == null) {
      walk.stripes.decide();
    }
    // To find the keys is work for the database as well.
    rest(walk.brake.pauseAfter(Duration.ofNanos(begin - lookUp).plus(time)));
    return piece.after();
  }

  /// Somebody may have changed how long a batch should take.
  private void followTarget() throws SQLException {
    Duration wanted = walk.options().target();
    if (!wanted.equals(target)) {
      SessionLimits.of(connection).withTarget(wanted).apply(connection);
      target = wanted;
    }
  }

  private void run(Range range, Piece piece) throws SQLException {
    List<String> journal = new ArrayList<>();
    if (walk.brake.isHeld()) {
      // Batches are short then, and the disk would be awaited for most of their time.
      journal.add(UNAWAITED);
    }
    journal.add(walk.ranges.move(range, piece.after()).inlined());
    List<String> script = new ArrayList<>();
    boolean isMeasured = piece.stripe() >= 0 && walk.stripes.isMeasured();
    if (isMeasured) {
      script.add(updates());
    }
    if (piece.condition() != null) {
      script.add(walk.statement.where(piece.condition()));
    }
    if (isMeasured) {
      script.add(updates());
    }
    List<long[]> counts = execute(journal, script);
    if (isMeasured && counts.size() == 2) {
      walk.stripes.learn(
          piece.stripe(), counts.get(1)[0] - counts.get(0)[0], counts.get(1)[1] - counts.get(0)[1]);
    }
  }

  /// Sends statements as one message, which the server runs as one transaction
  /// (<https://www.postgresql.org/docs/current/protocol-flow.html>: an implicit transaction ends at
  /// the Sync).
  ///
  /// @return what [#updates] has counted
  private List<long[]> execute(List<String> ofJournal, List<String> ofScript) throws SQLException {
    List<String> statements = walk.role.transaction(ofJournal, ofScript);
    List<long[]> counts = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      boolean isResult = statement.execute(String.join("\n;\n", statements));
      while (isResult || statement.getUpdateCount() != -1) {
        if (isResult) {
          readCounts(statement, counts);
        }
        isResult = statement.getMoreResults();
      }
    }
    return counts;
  }

  private static void readCounts(Statement statement, List<long[]> counts) throws SQLException {
    try (ResultSet row = statement.getResultSet()) {
      ResultSetMetaData columns = row.getMetaData();
      boolean isOurs =
          columns.getColumnCount() == 2 && columns.getColumnLabel(1).equals("longhaul_updated");
      if (isOurs && row.next()) {
        counts.add(new long[] {row.getLong(1), row.getLong(2)});
      }
    }
  }

  /// How many rows of the table this session has updated, and how many of them on their page, since
  /// it last told the statistics
  /// (<https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-STATS-FUNCTIONS>).
  private String updates() {
    return "select "
        + sum("pg_catalog.pg_stat_get_xact_tuples_updated")
        + " as longhaul_updated, "
        + sum("pg_catalog.pg_stat_get_xact_tuples_hot_updated");
  }

  private String sum(String function) {
    return walk.table.leaves().stream()
        .map(oid -> function + "(" + oid + ")")
        .collect(Collectors.joining(" + ", "0 + ", ""));
  }

  /// The keys of a batch could not be looked up: a person has cancelled, or somebody changes the
  /// table.
  private Range notFound(Range range, SQLException e) throws SQLException, InterruptedException {
    boolean isForTime = isForTime(awaited(e));
    if (!walk.goesOn()) {
      return range;
    }
    if (isForTime && ++lockTries < LOCK_TRIES) {
      restForTime();
      return range;
    }
    walk.stop(new End.Failed(e, null));
    return range;
  }

  /// The error's state. A connection that is lost is thrown; and a person's cancel cannot be told
  /// from a timeout until the journal has been asked.
  private String awaited(SQLException e) throws SQLException, InterruptedException {
    String state = SqlState.of(e);
    if (SqlState.isConnectionLoss(state)) {
      throw e;
    }
    if (state.equals(SqlState.QUERY_CANCELED)) {
      walk.awaitPoll();
    }
    return state;
  }

  private void restForTime() throws SQLException, InterruptedException {
    walk.size.halve();
    rest(Duration.ofMillis(100L << Math.min(lockTries, 5)));
  }

  /// Nothing of the batch has happened. What a smaller one may get through is tried again with half
  /// of it, down to one row.
  private Range failed(Range range, Piece piece, SQLException e)
      throws SQLException, InterruptedException {
    String state = awaited(e);
    if (state.equals(Ranges.TAKEN_OVER)) {
      walk.stop(new End.TakenOver());
      return range;
    }
    boolean isForTime = isForTime(state);
    if (!walk.goesOn() || !(isForTime || isForRows(state))) {
      walk.stop(new End.Failed(e, null));
      return range;
    }
    if (isForTime) {
      restForTime();
    }
    if (piece.only() == null && piece.rows() > 0) {
      limit = (int) Math.max(1, Math.min(piece.rows(), walk.size.rows()) / 2);
      return range;
    }
    limit = 1;
    if (isForTime && ++lockTries < LOCK_TRIES) {
      return range;
    }
    lockTries = 0;
    if (isForTime && isTableLocked()) {
      walk.stop(new End.Failed(e, null));
      return range;
    }
    return passOver(range, piece, e);
  }

  /// Whether it is not the row that somebody holds: then every other one would be passed over as
  /// well.
  private boolean isTableLocked() throws SQLException {
    connection.setAutoCommit(false);
    try (Statement lock = connection.createStatement()) {
      lock.execute("lock table " + walk.table.name() + " in row exclusive mode nowait");
      return false;
    } catch (SQLException e) {
      if (SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE)) {
        return true;
      }
      throw e;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private Range passOver(Range range, Piece piece, SQLException e) throws SQLException {
    @Nullable Key key = piece.only();
    if (key == null || !walk.options().skipsBadRows()) {
      walk.stop(new End.Failed(e, key));
      return range;
    }
    ErrorDetails error =
        new ErrorDetails(
            SqlState.of(e), firstLine(e), null, null, null, null, null, "the row was passed over");
    execute(
        List.of(
            walk.ranges.move(range, piece.after()).inlined(),
            walk.ranges.skip(key, error).inlined()),
        List.of());
    walk.moved(range, piece.after());
    walk.skipped();
    return piece.after();
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /// A lock or statement timeout, a deadlock, a serialization failure.
  private static boolean isForTime(String state) {
    return state.equals(SqlState.LOCK_NOT_AVAILABLE)
        || state.equals(SqlState.QUERY_CANCELED)
        || state.equals("40P01")
        || state.equals("40001");
  }

  /// Data that does not fit: of some row, and the others are well.
  private static boolean isForRows(String state) {
    return state.startsWith("22") || state.startsWith("23") || state.equals("P0001");
  }

  /// Waits while the database needs a rest.
  private void awaitGo() throws SQLException, InterruptedException {
    while (walk.goesOn() && walk.brake.isStopped()) {
      rest(Duration.ofMillis(200));
    }
  }

  /// Idle, with a sign of life now and then: a session that is idle with the migration's lock is
  /// taken for forgotten.
  private void rest(Duration time) throws SQLException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (walk.goesOn() && System.nanoTime() < end) {
      Thread.sleep(Duration.ofNanos(Math.clamp(end - System.nanoTime(), 1, 100_000_000L)));
      if (System.nanoTime() - lastSign > SIGN_OF_LIFE.toNanos()) {
        try (Statement sign = connection.createStatement()) {
          sign.execute("select 1");
        }
        lastSign = System.nanoTime();
      }
    }
  }
}
