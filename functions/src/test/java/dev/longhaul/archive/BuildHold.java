package dev.longhaul.archive;

import dev.longhaul.testing.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Holds a concurrent index build of the table `t` in one phase until it is closed: by a
/// transaction that the build waits for; by a function in the index that waits for an advisory
/// lock; where the build asks nobody, by SIGSTOP of its server process.
final class BuildHold implements AutoCloseable {
  /// Rows enough for a phase to take longer than it takes to stop it.
  private static final int MANY = 300_000;

  /// More than fill a leaf page of that fill factor.
  private static final int FEW = 300;

  private final Database database;
  private final BuildPhase phase;
  private final Connection first;
  private final Connection second;
  private final Connection gate;
  private @Nullable Process shell;
  private long stopped;

  /// Takes what a build that begins after this will wait for.
  BuildHold(Database database, BuildPhase phase) throws SQLException {
    this.database = database;
    this.phase = phase;
    this.first = database.connect();
    this.second = database.connect();
    this.gate = database.connect();
    execute(gate, "select pg_advisory_lock(1, 1)");
    first.setAutoCommit(false);
    second.setAutoCommit(false);
    switch (phase) {
      case TABLE_LOCK -> execute(first, "lock table t in share update exclusive mode");
      case SCAN, SORT, LOAD -> {}
      case WRITERS, LATER_WRITERS, INDEX_VALIDATION, VALIDATION_SORT, TABLE_VALIDATION ->
          execute(first, "insert into t values (0)");
      case SNAPSHOTS -> {
        first.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        execute(first, "select count(*) from t");
      }
    }
  }

  /// Makes the table, and operators that wait at the gate in that phase: the comparison is called
  /// while tuples are sorted, and when a page of the tree is full.
  static void createTable(Database database, BuildPhase phase) {
    database.execute(
        """
        create table t (n int) with (parallel_workers = 0);
        insert into t select n * 7919::bigint %% %1$d from generate_series(1, %1$d) as n;
        create function gate(n int) returns int immutable language plpgsql as $$
          begin
            perform pg_stat_clear_snapshot();
            if exists (select from pg_stat_progress_create_index
                       where pid = pg_backend_pid() and phase = '%2$s') then
              perform pg_advisory_lock_shared(1, 1);
              perform pg_advisory_unlock_shared(1, 1);
            end if;
            return n;
          end $$;
        create function gated_compare(a int, b int) returns int immutable language plpgsql as
          $$ begin return btint4cmp(public.gate(a), b); end $$;
        create operator class gated for type int using btree as
          operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >,
          function 1 gated_compare(int, int);
        """
            .formatted(phase.isStopped() ? MANY : FEW, phase.label()));
  }

  /// The statement whose build is held.
  static String create(String index, BuildPhase phase) {
    return "create index concurrently %s on t (%s) with (fillfactor = 10)"
        .formatted(index, phase.isStopped() ? "n" : "gate(n) gated");
  }

  /// Waits until the build is in the phase, and cannot leave it.
  ///
  /// @return whether it is; false if it was too fast to be stopped
  boolean await() throws Exception {
    switch (phase) {
      case TABLE_LOCK ->
          database.await(
              """
              select exists (select from pg_stat_activity where query like 'create index%'
                and wait_event_type = 'Lock' and datname = current_database())
              """);
      case WRITERS, SCAN, SORT, LOAD, SNAPSHOTS -> awaitWaiting(phase);
      case LATER_WRITERS -> awaitLaterWriters();
      case TABLE_VALIDATION -> {
        awaitLaterWriters();
        // The second one's row is in the table, and not in the index.
        second.commit();
        awaitWaiting(phase);
      }
      case INDEX_VALIDATION, VALIDATION_SORT -> {
        awaitLaterWriters();
        return stop();
      }
    }
    return true;
  }

  private void awaitLaterWriters() throws SQLException {
    awaitWaiting(BuildPhase.WRITERS);
    execute(second, "insert into t values (-1)");
    first.commit();
    awaitWaiting(BuildPhase.LATER_WRITERS);
  }

  private void awaitWaiting(BuildPhase where) {
    database.await(
        """
        select exists (select from pg_stat_progress_create_index join pg_stat_activity using (pid)
                       where wait_event_type = 'Lock' and phase = '%s'
                         and pg_stat_activity.datname = current_database())
        """
            .formatted(where.label()));
  }

  private boolean stop() throws Exception {
    long pid =
        Long.parseLong(
            database.value(
                "select pid from pg_stat_progress_create_index where datname ="
                    + " current_database()"));
    shell = new ProcessBuilder("sh").start();
    try (Connection looking = database.connect();
        Statement statement = looking.createStatement()) {
      statement.execute("set statement_timeout = '10 s'");
      second.commit();
      String now = now(statement, pid);
      while (now.equals(BuildPhase.LATER_WRITERS.label()) || isBefore(now)) {
        now = now(statement, pid);
      }
      if (now.equals(phase.label())) {
        signal("STOP", pid);
        stopped = pid;
        awaitState(pid);
        now = now(statement, pid);
      }
      return now.equals(phase.label());
    }
  }

  private boolean isBefore(String now) {
    return phase == BuildPhase.VALIDATION_SORT && now.equals(BuildPhase.INDEX_VALIDATION.label());
  }

  /// Empty if the build is over.
  private static String now(Statement statement, long pid) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "select phase from pg_stat_progress_create_index where pid = " + pid)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  /// By a shell that runs already: `kill` is built into it, and a phase is short.
  private void signal(String signal, long pid) throws IOException {
    if (shell == null) {
      throw new IllegalStateException("nothing is to be stopped in this phase");
    }
    var input = shell.getOutputStream();
    input.write(("kill -" + signal + " " + pid + "\n").getBytes(StandardCharsets.UTF_8));
    input.flush();
  }

  /// The state behind the parenthesis of the program's name, `T` for stopped
  /// (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>).
  private static void awaitState(long pid) throws IOException {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(10));
    Path file = Path.of("/proc", String.valueOf(pid), "stat");
    for (String stat = ""; !stat.contains(") T "); stat = Files.readString(file)) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("not stopped: " + stat);
      }
      Thread.onSpinWait();
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  void letGo() throws SQLException, IOException {
    if (stopped != 0) {
      signal("CONT", stopped);
      stopped = 0;
    }
    first.rollback();
    second.rollback();
  }

  @Override
  public void close() throws SQLException, IOException {
    try (first;
        second;
        gate) {
      letGo();
    }
    if (shell != null) {
      shell.getOutputStream().close();
    }
  }
}
