package dev.longhaul.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.Functions;
import dev.longhaul.cli.MigrationFile;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The functions, as far as the demo calls them.
final class Calls {
  private static final String REQUESTED_BY = "demo";

  private final Invocation functions;

  Calls(Invocation functions) {
    this.functions = functions;
  }

  /// Registers all of them in one call.
  ///
  /// @return how many were new
  int register(List<MigrationFile> migrations) {
    ObjectNode payload = object();
    ArrayNode list = payload.putArray("migrations");
    for (MigrationFile migration : migrations) {
      ObjectNode copy = migration.payload().deepCopy();
      if (!copy.has("requested_by")) {
        copy.put("requested_by", REQUESTED_BY);
      }
      list.add(copy);
    }
    int created = 0;
    for (JsonNode answer : functions.invoke(Functions.REGISTRATION, payload).path("migrations")) {
      created += answer.path("created").asBoolean() ? 1 : 0;
    }
    return created;
  }

  /// Hands them to the queue.
  ///
  /// @return how many were started
  int trigger(Collection<String> names) {
    ObjectNode payload = object();
    names.forEach(payload.putArray("migration_names")::add);
    return functions.invoke(Functions.TRIGGER, payload).path("started").size();
  }

  void triggerDue() {
    functions.invoke(Functions.TRIGGER, object());
  }

  void retry(String name) {
    control("retry", name);
  }

  void rollBack(String name) {
    control("rollback", name);
  }

  boolean wasRolledBack(String name) {
    for (JsonNode entry : control("history", name).path("history")) {
      if (entry.path("to").asText().equals(MigrationState.ROLLED_BACK)) {
        return true;
      }
    }
    return false;
  }

  /// Of all migrations that are registered, by name; others than the sample's may be among them.
  Map<String, MigrationState> states() {
    Map<String, MigrationState> states = new HashMap<>();
    String after = "";
    do {
      ObjectNode payload = object().put("action", "list").put("limit", 1000);
      if (!after.isEmpty()) {
        payload.put("after", after);
      }
      JsonNode page = functions.invoke(Functions.CONTROL, payload);
      for (JsonNode status : page.path("migrations")) {
        MigrationState state = MigrationState.of(status);
        states.put(state.name(), state);
      }
      after = page.hasNonNull("next") ? page.path("next").asText() : "";
    } while (!after.isEmpty());
    return states;
  }

  private JsonNode control(String action, String name) {
    return functions.invoke(
        Functions.CONTROL,
        object()
            .put("action", action)
            .put("migration_name", name)
            .put("requested_by", REQUESTED_BY));
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
