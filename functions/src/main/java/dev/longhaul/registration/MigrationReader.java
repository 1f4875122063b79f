package dev.longhaul.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.Dialect;
import dev.longhaul.database.Target;
import dev.longhaul.database.Targets;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.SqlScript;
import dev.longhaul.payload.Fields;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads one migration of a payload, strictly. Everything that is wrong is collected, not only the
/// first thing.
final class MigrationReader {
  private static final int LONGEST_NAME = 255;
  private static final int MOST_ATTEMPTS = 100;
  private static final Duration LONGEST_LOCK_TIMEOUT = Duration.ofHours(1);

  /// The longest that a function runs,
  /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
  private static final Duration LONGEST_DETACH_AFTER = Duration.ofMinutes(15);

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?(ms|s|min)");

  /// PostgreSQL's `timestamptz` goes further, but nobody means that.
  private static final Instant LAST_RUN_AT = Instant.parse("9999-12-31T23:59:59Z");

  private final Targets targets;
  private final Fields fields;
  private final String path;
  private final List<String> problems;

  /// @param path what stands before a field's name in a problem
  MigrationReader(Targets targets, ObjectNode migration, String path, List<String> problems) {
    this.targets = targets;
    this.fields = new Fields(migration, path, problems);
    this.path = path;
    this.problems = problems;
  }

  /// The migration; something else than was asked for if there were problems.
  Migration read() {
    String name = name();
    Optional<Target> target = target();
    Dialect dialect = target.map(Target::dialect).orElse(Dialect.POSTGRESQL);
    List<String> forwards = script("sql_forwards", dialect);
    if (forwards.isEmpty()
        && fields.has("sql_forwards")
        && fields.problemsOf("sql_forwards") == 0) {
      fields.problem("sql_forwards", "holds no statement; say what the migration does");
    }
    List<String> backwards = script("sql_backwards", dialect);
    boolean applyOnSqlite = fields.bool("apply_on_sqlite", false);
    if (applyOnSqlite && (hasConcurrent(forwards) || hasConcurrent(backwards))) {
      fields.problem(
          "apply_on_sqlite",
          "SQLite does not know CONCURRENTLY; leave apply_on_sqlite out, and SQLite targets skip"
              + " this migration");
    }
    boolean executeImmediately = fields.bool("execute_immediately", false);
    Instant runAt = runAt();
    if (executeImmediately && runAt != null) {
      fields.problem("run_at", "contradicts execute_immediately; leave one of them out");
    }
    Migration migration =
        new Migration(
            name,
            target.map(Target::name).orElse(Migration.DEFAULT_TARGET),
            forwards,
            backwards,
            applyOnSqlite,
            executeImmediately,
            dependsOn(name),
            runAt,
            WindowReader.read(fields.value("window"), path + "window", problems),
            duration("lock_timeout", LONGEST_LOCK_TIMEOUT),
            duration("detach_after", LONGEST_DETACH_AFTER),
            fields.integer("max_attempts", Migration.DEFAULT_MAX_ATTEMPTS, 1, MOST_ATTEMPTS),
            fields.requestedBy(),
            new BatchReader(fields.value("batch"), path, problems)
                .read(forwards, backwards, dialect));
    fields.refuseUnknown();
    return migration;
  }

  private String name() {
    String name = fields.string("migration_name").orElse("");
    if (name.isEmpty()) {
      if (!fields.has("migration_name")) {
        fields.problem(
            "migration_name", "is missing; give the migration a name that is unique in its target");
      }
    } else if (name.codePointCount(0, name.length()) > LONGEST_NAME) {
      fields.problem(
          "migration_name", "is longer than %d characters; shorten it".formatted(LONGEST_NAME));
    } else if (name.codePoints().anyMatch(Character::isISOControl)) {
      fields.problem("migration_name", "holds a control character; take it out");
    }
    return name;
  }

  private Optional<Target> target() {
    String name = fields.string("target").orElse(Migration.DEFAULT_TARGET);
    Optional<Target> target = targets.find(name);
    if (target.isEmpty()) {
      fields.problem(
          "target",
          "\"%s\" is not configured here; name one of %s, or add it to DATABASE_TARGETS"
              .formatted(name, targets.names()));
    }
    return target;
  }

  /// A string or a list of strings, as single statements.
  private List<String> script(String field, Dialect dialect) {
    JsonNode value = fields.value(field);
    List<String> parts = new ArrayList<>();
    if (value.isNull()) {
      fields.problem(
          field,
          field.equals("sql_backwards")
              ? "is missing; give the SQL that undoes sql_forwards, or \"\" to say that nothing can"
              : "is missing; say what the migration does");
    } else if (value.isTextual()) {
      if (!value.textValue().isBlank()) {
        parts.add(value.textValue());
      }
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        if (!value.get(i).isTextual() || value.get(i).textValue().isBlank()) {
          fields.problem(
              field + "[" + i + "]", "must be SQL, not " + Fields.describe(value.get(i)));
        } else {
          parts.add(value.get(i).textValue());
        }
      }
    } else {
      fields.problem(
          field, "must be SQL as a string or a list of strings, not " + Fields.describe(value));
    }
    List<String> statements = new ArrayList<>();
    for (String part : parts) {
      if (fields.isClean(field, part)) {
        statements.addAll(split(field, part, statements.size(), dialect));
      }
    }
    return statements;
  }

  /// SQLite's driver takes a script as it is, and only it knows where a trigger's body ends.
  ///
  /// @param before how many statements the parts before it hold
  private List<String> split(String field, String part, int before, Dialect dialect) {
    List<String> statements = SqlScript.split(part);
    for (int i = 0; i < statements.size(); i++) {
      int number = before + i + 1;
      SqlScript.objection(statements.get(i))
          .ifPresent(
              objection -> fields.problem(field, "statement %d %s".formatted(number, objection)));
    }
    return switch (dialect) {
      case POSTGRESQL -> statements;
      case SQLITE -> statements.isEmpty() ? List.of() : List.of(part);
    };
  }

  private static boolean hasConcurrent(List<String> statements) {
    return statements.stream().anyMatch(SqlScript::isConcurrent);
  }

  private List<String> dependsOn(String name) {
    List<String> names = fields.strings("depends_on").stream().distinct().toList();
    if (names.contains(name)) {
      fields.problem("depends_on", "\"%s\" depends on itself; take it out".formatted(name));
    }
    return names;
  }

  private @Nullable Instant runAt() {
    return fields
        .string("run_at")
        .map(
            text -> {
              try {
                Instant instant = OffsetDateTime.parse(text).toInstant();
                if (instant.isAfter(LAST_RUN_AT) || instant.isBefore(Instant.EPOCH)) {
                  fields.problem("run_at", "must lie between 1970 and 9999");
                  return Instant.EPOCH;
                }
                return instant;
              } catch (DateTimeException e) {
                fields.problem(
                    "run_at",
                    "must be a time with an offset in ISO-8601, like 2027-03-28T02:30:00Z or"
                        + " 2027-03-28T02:30:00+02:00");
                return Instant.EPOCH;
              }
            })
        .orElse(null);
  }

  /// `"3s"`, `"500ms"`, `"1min"`, or a number of milliseconds, as for PostgreSQL's `lock_timeout`.
  private @Nullable Duration duration(String field, Duration longest) {
    JsonNode value = fields.value(field);
    if (value.isNull()) {
      return null;
    }
    Duration duration = Duration.ZERO;
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      duration = Duration.ofMillis(Math.clamp(value.longValue(), 0, Long.MAX_VALUE / 1_000_000));
    } else if (value.isTextual()) {
      Matcher matcher = DURATION.matcher(value.textValue().strip());
      if (matcher.matches()) {
        long number = Long.parseLong(matcher.group(1));
        duration =
            switch (matcher.group(2)) {
              case "ms" -> Duration.ofMillis(number);
              case "s" -> Duration.ofSeconds(number);
              default -> Duration.ofMinutes(number);
            };
      }
    }
    if (duration.isZero() || duration.compareTo(longest) > 0) {
      fields.problem(
          field,
          "must be a time from 1ms to %dmin, like \"500ms\", \"3s\", \"1min\" or a number of milliseconds"
              .formatted(longest.toMinutes()));
    }
    return duration;
  }
}
