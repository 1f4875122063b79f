package dev.longhaul.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.Dialect;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.SqlScript;
import dev.longhaul.payload.Fields;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the field `batch`, and holds it against the statements.
///
/// @param path what stands before a field's name in a problem
record BatchReader(JsonNode value, String path, List<String> problems) {
  private static final int MOST_COLUMNS = 32;
  private static final int LEAST_TARGET_MS = 10;
  private static final int LONGEST_TARGET_MS = 60_000;

  /// @return null where the migration is not batched, or the problems say why it cannot be
  @Nullable Batch read(List<String> forwards, List<String> backwards, Dialect dialect) {
    if (!(value instanceof ObjectNode object)) {
      if (!value.isNull()) {
        problem(
            "batch",
            "must be an object like {\"table\": \"tasks\", \"key\": \"id\"}, not "
                + Fields.describe(value));
      }
      refusePlaceholder("sql_forwards", forwards);
      refusePlaceholder("sql_backwards", backwards);
      return null;
    }
    if (dialect == Dialect.SQLITE) {
      problem(
          "batch", "SQLite runs no batches; leave it out and write the statement without :batch");
      return null;
    }
    Batch batch = read(new Fields(object, path + "batch.", problems));
    if (forwards.stream().noneMatch(Placeholder::isIn)) {
      problem(
          "sql_forwards",
          "holds no :batch, which has to stand where the condition for one batch goes: update …"
              + " where :batch");
    }
    object("sql_forwards", forwards);
    object("sql_backwards", backwards);
    return batch;
  }

  private Batch read(Fields fields) {
    String table = fields.string("table").orElse("");
    if (!fields.has("table")) {
      fields.problem("table", "is missing; name the table that is walked");
    }
    List<String> key = key(fields);
    Batch batch =
        new Batch(
            table,
            key,
            fields.integer("size", Batch.DEFAULT_SIZE, 1, Batch.LARGEST_SIZE),
            Duration.ofMillis(
                fields.integer(
                    "target_ms",
                    Math.toIntExact(Batch.DEFAULT_TARGET.toMillis()),
                    LEAST_TARGET_MS,
                    LONGEST_TARGET_MS)),
            fields.integer("parallelism", 1, 1, Batch.MOST_WORKERS),
            stripes(fields),
            skipsBadRows(fields),
            untilEmpty(fields),
            HealthLimits.readField(fields, "health"));
    fields.refuseUnknown();
    return batch;
  }

  private static List<String> key(Fields fields) {
    List<String> key =
        fields.value("key").isTextual()
            ? fields.string("key").stream().toList()
            : fields.strings("key");
    if (key.isEmpty() && fields.problemsOf("key") == 0) {
      fields.problem(
          "key",
          "is missing; name the column, or the list of columns, that the table is walked by");
    } else if (key.size() > MOST_COLUMNS || key.stream().distinct().count() < key.size()) {
      fields.problem("key", "must name each column once, and at most " + MOST_COLUMNS);
    }
    return key;
  }

  private static int stripes(Fields fields) {
    JsonNode stripes = fields.value("stripes");
    return stripes.isTextual() && stripes.textValue().equals("auto")
        ? Batch.AUTO
        : fields.integer("stripes", Batch.AUTO, 1, Batch.MOST_STRIPES);
  }

  private static boolean skipsBadRows(Fields fields) {
    String asked = fields.string("on_row_error").orElse("stop");
    if (!asked.equals("stop") && !asked.equals("skip")) {
      fields.problem("on_row_error", "must be \"stop\" or \"skip\"");
    }
    return asked.equals("skip");
  }

  private static @Nullable String untilEmpty(Fields fields) {
    @Nullable String query = fields.string("until_empty").orElse(null);
    if (query != null) {
      List<String> statements = SqlScript.split(query);
      if (statements.size() != 1 || !SqlScript.isQuery(statements.getFirst())) {
        fields.problem(
            "until_empty", "must be one query that counts what is left: select count(*) from …");
      } else {
        return statements.getFirst();
      }
    }
    return query;
  }

  private void refusePlaceholder(String field, List<String> statements) {
    if (statements.stream().anyMatch(Placeholder::isIn)) {
      problem(
          field,
          "holds :batch, but the migration says nothing of batches; add \"batch\": {\"table\": …,"
              + " \"key\": …}");
    }
  }

  private void object(String field, List<String> statements) {
    for (int i = 0; i < statements.size(); i++) {
      int number = i + 1;
      if (Placeholder.isIn(statements.get(i))) {
        Placeholder.objection(statements.get(i))
            .ifPresent(objection -> problem(field, "statement %d %s".formatted(number, objection)));
      }
    }
  }

  private void problem(String field, String problem) {
    problems.add(path + field + ": " + problem);
  }
}
