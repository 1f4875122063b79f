package dev.longhaul.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.InvalidMigrationFiles.Problem;
import dev.longhaul.payload.JsonProblem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A `.json` migration file: the contract's payload of one migration, or of several in
/// `{"migrations":[…]}`. A single one without `migration_name` is called as its file is.
///
/// Values are left to RegistrationFunction; only what would waste the trip is refused here.
final class JsonPayloads {
  private static final Set<String> REQUIRED =
      Set.of("migration_name", "sql_forwards", "sql_backwards");

  private final Path file;
  private final List<Problem> problems;

  JsonPayloads(Path file, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
  }

  List<ObjectNode> read(String fileName, String text) {
    JsonNode root;
    try {
      root = MigrationFile.JSON.readTree(text);
    } catch (JacksonException e) {
      JsonProblem problem = JsonProblem.of(e);
      problems.add(
          new Problem(
              file,
              problem.line(),
              "is not JSON, column %d: %s".formatted(problem.column(), problem.reason())));
      return List.of();
    }
    List<ObjectNode> payloads = new ArrayList<>();
    if (root instanceof ObjectNode object && object.has("migrations")) {
      if (object.size() > 1 || !object.path("migrations").isArray()) {
        problem("beside \"migrations\", which is a list, nothing may stand");
        return List.of();
      }
      for (JsonNode migration : object.path("migrations")) {
        add(migration, payloads);
      }
    } else if (root instanceof ObjectNode object && !object.has("migration_name")) {
      ObjectNode named = JsonNodeFactory.instance.objectNode();
      add(named.put("migration_name", fileName).setAll(object), payloads);
    } else {
      add(root, payloads);
    }
    return payloads;
  }

  private void add(JsonNode migration, List<ObjectNode> payloads) {
    if (!(migration instanceof ObjectNode payload)) {
      problem("a migration is a JSON object with migration_name, sql_forwards and sql_backwards");
      return;
    }
    for (String field : REQUIRED.stream().sorted().toList()) {
      if (!payload.has(field)) {
        problem("the field '" + field + "' is missing" + hint(field));
      }
    }
    payload
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!REQUIRED.contains(field) && MigrationOption.of(field).isEmpty()) {
                problem(
                    "there is no field '%s'; optional ones are %s"
                        .formatted(field, MigrationOption.keys()));
              }
            });
    payloads.add(payload);
  }

  private static String hint(String field) {
    return field.equals("sql_backwards")
        ? "; an empty one says that the migration cannot be undone"
        : "";
  }

  private void problem(String message) {
    problems.add(new Problem(file, 0, message));
  }
}
