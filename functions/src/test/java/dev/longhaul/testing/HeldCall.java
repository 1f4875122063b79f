package dev.longhaul.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// A call of three migrations to a function that writes the journal, which is held at one moment of
/// its own until it is let go, so that it meets there whatever the test does to it.
public final class HeldCall implements AutoCloseable {
  public static final List<String> NAMES = List.of("a", "b", "c");

  private static final String HELD =
      """
      select pid from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())
      """;

  /// Who is called.
  public enum Caller {
    REGISTRATION,
    /// For what is due.
    TRIGGER,
    NAMED_TRIGGER
  }

  /// Where it is held.
  public enum Moment {
    /// One of the rows is written, the second one is not.
    IN_THE_MIDDLE,
    /// All of them are, and the server is at the commit.
    AT_THE_COMMIT,
    /// All is committed, and no message is sent: the queue is to hold it, and not this.
    BEFORE_THE_MESSAGE
  }

  private final Fixture longhaul;
  private final Caller caller;
  private final Moment moment;
  private final Connection gate;
  private String session = "0";

  /// @param longhaul registers what is to be triggered, and calls again; it has to allow scheduled
  ///   migrations
  public HeldCall(Fixture longhaul, Caller caller, Moment moment) throws SQLException {
    this.longhaul = longhaul;
    this.caller = caller;
    this.moment = moment;
    longhaul.database.execute("create table effect (name text)");
    longhaul.trigger("{}");
    if (caller != Caller.REGISTRATION) {
      longhaul.register(registration());
    }
    gate = longhaul.database.connect();
    try (Statement statement = gate.createStatement()) {
      statement.execute("select pg_advisory_lock(1, 1)");
      statement.execute(
          """
          create function held() returns trigger language plpgsql as $$
            begin perform pg_advisory_xact_lock_shared(1, 1); return new; end $$
          """);
      switch (moment) {
        case IN_THE_MIDDLE ->
            statement.execute(
                """
                create trigger held before insert or update on longhaul.async_migration
                  for each row when (new.name = 'b') execute function held()
                """);
        case AT_THE_COMMIT ->
            statement.execute(
                """
                create constraint trigger held after insert or update on longhaul.async_migration
                  deferrable initially deferred
                  for each row when (new.name = 'b') execute function held()
                """);
        case BEFORE_THE_MESSAGE -> {}
      }
    }
  }

  private String registration() {
    List<ObjectNode> migrations = new ArrayList<>();
    for (String name : NAMES) {
      ObjectNode migration =
          Fixture.migration(name, "insert into effect values ('%s')".formatted(name), "");
      migrations.add(
          caller == Caller.TRIGGER
              ? migration.put("run_at", "2020-01-01T00:00:00Z")
              : migration.put("execute_immediately", caller == Caller.REGISTRATION));
    }
    return "{\"migrations\": " + migrations + "}";
  }

  /// Of the tests' names of functions.
  public String function() {
    return caller == Caller.REGISTRATION ? "register" : "trigger";
  }

  public String payload() {
    return switch (caller) {
      case REGISTRATION -> registration();
      case TRIGGER -> "{}";
      case NAMED_TRIGGER -> "{\"migration_names\": [\"a\", \"b\", \"c\"]}";
    };
  }

  /// Waits until the call has come to its moment.
  public void await() {
    switch (moment) {
      case IN_THE_MIDDLE, AT_THE_COMMIT -> {
        longhaul.database.await("select exists (" + HELD + ")");
        session = longhaul.database.value(HELD);
      }
      case BEFORE_THE_MESSAGE ->
          longhaul.database.await(
              "select count(*) = 3 from longhaul.async_migration where status = 'STARTED'");
    }
  }

  public void terminate() {
    longhaul.database.query("select pg_terminate_backend(" + session + ", 5000)");
  }

  /// Waits for the end of the session, whose client is gone.
  public void letGo() throws SQLException {
    gate.close();
    longhaul.database.await(
        "select not exists (select from pg_stat_activity where pid = " + session + ")");
  }

  /// What the journal has of the call.
  public List<String> written() {
    return longhaul.database.query(
        "select name from longhaul.async_migration where status = 'STARTED' order by name");
  }

  /// Calls again, and sweeps: what was left is done, and what was not left is not done twice.
  public void again() {
    longhaul.invoke(function(), payload());
    longhaul.trigger("{}");
    for (String name : NAMES) {
      longhaul.executeUntil(name, "FINISHED");
      assertThat(longhaul.pathOf(name))
          .endsWith("STARTED", "IN PROGRESS", "FINISHED")
          .hasSize(caller == Caller.REGISTRATION ? 3 : 4);
    }
    assertThat(longhaul.database.query("select name from effect order by name")).isEqualTo(NAMES);
    longhaul.queue.drain();
  }

  @Override
  public void close() throws SQLException {
    gate.close();
  }
}
