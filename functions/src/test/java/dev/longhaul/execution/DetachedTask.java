package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.services.sqs.model.Message;

/// A table of a thousand rows, and what is done to it that is left to the server.
final class DetachedTask implements AutoCloseable {
  private static final String OWNER =
      "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid"
          + " from pg_database where datname = current_database()) limit 1";

  final Fixture longhaul = new Fixture();

  DetachedTask() {
    longhaul.database.execute(
        "create table t (n int); insert into t select generate_series(1, 1000)");
  }

  @Override
  public void close() {
    longhaul.close();
  }

  /// A transaction that a concurrent index build of `t` waits for.
  static final class Blocker implements AutoCloseable {
    private final Connection connection;

    private Blocker(Connection connection) throws SQLException {
      this.connection = connection;
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("set application_name = 'report'");
        statement.execute("insert into t values (0)");
      }
    }

    @Override
    public void close() throws SQLException {
      connection.rollback();
      connection.close();
    }
  }

  Blocker block() throws SQLException {
    return new Blocker(longhaul.database.connect());
  }

  void register(String name, String forwards) {
    longhaul.register(
        Fixture.migration(name, forwards, "").put("detach_after", "300ms").toString());
  }

  void registerIndex() {
    register("index", "create index concurrently t_n on t (n)");
  }

  /// What an executor does whose delayed message has arrived.
  void look(String name) {
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
    longhaul.executeAll();
  }

  /// The same with hardly any of the function's time left.
  void lookInHaste(String name) {
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    longhaul.queue.drain();
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
    Message message = longhaul.queue.receive().getFirst();
    long begin = System.nanoTime();
    longhaul.invoke("execute", Fixture.event(message).toString(), new TestContext(2000));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    longhaul.queue.delete(message);
  }

  /// The session that goes on, if there is one.
  List<String> owner() {
    return longhaul.database.query(OWNER);
  }

  void terminateOwner() {
    longhaul.database.query("select pg_terminate_backend(pid) from (" + OWNER + ") as owner");
    awaitFree();
  }

  void awaitFree() {
    longhaul.database.await("select not exists (" + OWNER + ")");
  }

  /// The index's oid, whether it is valid or not.
  List<String> index() {
    return longhaul.database.query("select oid from pg_class where relname = 't_n'");
  }
}
