package dev.longhaul.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.Functions;
import dev.longhaul.cli.MigrationFile;
import dev.longhaul.cli.Refusal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// The contract's answers, without queue and without journal: with every call that lists the
/// migrations it goes some steps on. It really runs the SQL.
final class StandInFunctions implements Invocation, AutoCloseable {
  private static final class Entry {
    final MigrationFile migration;
    final ArrayNode history = JsonNodeFactory.instance.arrayNode();
    ObjectNode meta = JsonNodeFactory.instance.objectNode();
    String status;
    String direction = "forwards";
    int attempt;

    Entry(MigrationFile migration, String status) {
      this.migration = migration;
      this.status = status;
    }

    void become(String next) {
      history.addObject().put("from", status).put("to", next).put("direction", direction);
      status = next;
    }

    boolean is(String other) {
      return status.equals(other);
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Connection connection;
  private final ScriptRunner runner;

  private final int stepsPerLook;

  StandInFunctions(TestDatabase database, int stepsPerLook) throws SQLException {
    this.stepsPerLook = stepsPerLook;
    connection = database.connectForScripts();
    runner = new ScriptRunner(connection);
  }

  @Override
  public JsonNode invoke(String function, JsonNode payload) {
    return switch (function) {
      case Functions.REGISTRATION -> register(payload);
      case Functions.TRIGGER -> trigger(payload);
      case Functions.CONTROL -> control(payload);
      default -> throw new IllegalArgumentException(function);
    };
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private JsonNode register(JsonNode payload) {
    ObjectNode answer = object();
    ArrayNode list = answer.putArray("migrations");
    for (JsonNode migration : payload.path("migrations")) {
      String name = migration.path("migration_name").asText();
      boolean created = !entries.containsKey(name);
      if (created) {
        boolean now = migration.path("execute_immediately").asBoolean();
        entries.put(
            name,
            new Entry(
                new MigrationFile(Path.of(name), migration.deepCopy(), true, Map.of()),
                now ? MigrationState.STARTED : MigrationState.SCHEDULED));
      }
      list.addObject()
          .put("migration_name", name)
          .put("status", entry(name).status)
          .put("created", created);
    }
    return answer;
  }

  private JsonNode trigger(JsonNode payload) {
    ObjectNode answer = object();
    ArrayNode started = answer.putArray("started");
    if (payload.has("migration_names")) {
      for (JsonNode name : payload.path("migration_names")) {
        start(entry(name.asText()), "forwards");
        started.add(name);
      }
    } else {
      for (Entry entry : entries.values()) {
        if (entry.is(MigrationState.SCHEDULED) && entry.migration.payload().has("run_at")) {
          start(entry, "forwards");
          started.add(entry.migration.name());
        }
      }
    }
    return answer;
  }

  private JsonNode control(JsonNode payload) {
    if (payload.path("action").asText().equals("list")) {
      for (int i = 0; i < stepsPerLook; i++) {
        goOn();
      }
      ObjectNode answer = object();
      ArrayNode list = answer.putArray("migrations");
      entries.values().forEach(entry -> list.add(status(entry)));
      return answer.putNull("next");
    }
    Entry entry = entry(payload.path("migration_name").asText());
    switch (payload.path("action").asText()) {
      case "retry" -> start(entry, entry.direction);
      case "rollback" -> {
        if (entry.migration.payload().path("sql_backwards").asText().isBlank()) {
          throw new Refusal("InvalidTransition", entry.migration.name() + " is irreversible");
        }
        start(entry, "backwards");
      }
      case "history" -> {
        return object().set("history", entry.history);
      }
      default -> throw new IllegalArgumentException(payload.toString());
    }
    return status(entry);
  }

  private static void start(Entry entry, String direction) {
    entry.direction = direction;
    entry.meta = object();
    entry.become(MigrationState.STARTED);
  }

  private void goOn() {
    for (Entry entry : entries.values()) {
      if (entry.is(MigrationState.IN_PROGRESS)) {
        run(entry);
        return;
      }
    }
    for (Entry entry : entries.values()) {
      if (entry.is(MigrationState.STARTED) && isReady(entry)) {
        entry.attempt++;
        entry.become(MigrationState.IN_PROGRESS);
        return;
      }
    }
  }

  private boolean isReady(Entry entry) {
    for (JsonNode name : entry.migration.payload().path("depends_on")) {
      if (!entry(name.asText()).is(MigrationState.FINISHED)) {
        return false;
      }
    }
    return true;
  }

  private void run(Entry entry) {
    try {
      if (entry.direction.equals("forwards")) {
        if (entry.migration.name().equals(Scenario.DUPLICATE_KEY) && entry.attempt > 1) {
          // The invalid index of the first attempt is in the way.
          runner.backwards(entry.migration);
        }
        runner.forwards(entry.migration);
        entry.become(MigrationState.FINISHED);
      } else {
        runner.backwards(entry.migration);
        entry.become(MigrationState.ROLLED_BACK);
      }
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (state.equals("55P03")) {
        entry.become(MigrationState.STARTED);
        return;
      }
      ObjectNode error = entry.meta.putObject("error");
      error.put("sqlstate", state);
      if (e instanceof PSQLException postgres) {
        ServerErrorMessage message = postgres.getServerErrorMessage();
        if (message != null) {
          error.put("message", message.getMessage()).put("detail", message.getDetail());
        }
      }
      entry.become(MigrationState.ERROR);
    }
  }

  private static ObjectNode status(Entry entry) {
    ObjectNode status = object();
    status
        .put("migration_name", entry.migration.name())
        .put("status", entry.status)
        .put("direction", entry.direction)
        .put("attempt", entry.attempt)
        .set("meta", entry.meta);
    if (entry.is(MigrationState.IN_PROGRESS) && entry.migration.payload().has("batch")) {
      status
          .putObject("progress")
          .put("done", 4_300)
          .put("total", 10_000)
          .put("unit", "row")
          .put("rows_per_second", 900)
          .put("pace", 0.5)
          .put("pace_reason", "3 sessions wait for our locks")
          .put("eta_seconds", 6);
    }
    return status;
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new Refusal("UnknownMigration", name);
    }
    return entry;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
