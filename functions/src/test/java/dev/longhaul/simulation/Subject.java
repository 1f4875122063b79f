package dev.longhaul.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Transition;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A migration whose work can be counted.
///
/// @param leaves whether it leaves its statements to the server at once
/// @param isScheduled whether it waits until somebody triggers it
record Subject(String name, Shape shape, boolean leaves, boolean isScheduled) {
  /// Four for each range that a table is cut into, so that a range can be met in its middle.
  static final int ROWS = 64;

  enum Shape {
    /// One transaction.
    UNIT,
    /// A statement outside of a transaction between two that are in one each.
    STEPS,
    BATCHES,
    /// One transaction that fails at its end.
    FAILING
  }

  static Subject random(String name, Mood mood, Random random) {
    @Nullable Shape only = mood.shape();
    int of = random.nextInt(10);
    Shape shape =
        of < 3 ? Shape.UNIT : of < 6 ? Shape.STEPS : of < 9 ? Shape.BATCHES : Shape.FAILING;
    return new Subject(
        name,
        only == null ? shape : only,
        random.nextInt(3) == 0,
        mood.isStale() && random.nextInt(3) == 0);
  }

  /// Each row of its table counts how often the work was done to it.
  void prepare(Database database) {
    database.execute(
        """
        drop table if exists %1$s;
        create table %1$s (id bigint primary key, n int not null default 0);
        insert into %1$s (id) select generate_series(1, %2$d);
        analyze %1$s;
        """
            .formatted(name, ROWS));
  }

  ObjectNode payload() {
    String work = "update %1$s set n = n + 1".formatted(name);
    String backwards = "update %1$s set n = 0 where n <> 0".formatted(name);
    ObjectNode payload =
        switch (shape) {
          // Long enough for others to do something while the server is at it.
          case UNIT -> migration(name, work + "; select pg_sleep(0.03)", backwards);
          case STEPS ->
              migration(
                  name,
                  ("update %1$s set n = n + 1 where id <= 6; create index concurrently %1$s_made on"
                          + " %1$s (n); update %1$s set n = n + 1 where id > 6")
                      .formatted(name),
                  "drop index concurrently if exists %s_made; ".formatted(name) + backwards);
          case BATCHES -> migration(name, work + " where :batch", backwards);
          case FAILING -> migration(name, work + "; select 1 / 0", backwards);
        };
    if (shape == Shape.BATCHES) {
      payload.set(
          "batch",
          JsonFunction.JSON
              .createObjectNode()
              .put("table", name)
              .put("key", "id")
              .put("size", 1)
              // So long that how the size grows does not depend on how fast the machine is.
              .put("target_ms", 60_000)
              .put("stripes", 1)
              .put("parallelism", 2));
    }
    if (leaves) {
      payload.put("detach_after", "1ms");
    }
    return payload.put("execute_immediately", !isScheduled).put("max_attempts", 100);
  }

  private static ObjectNode migration(String name, String forwards, String backwards) {
    return JsonFunction.JSON
        .createObjectNode()
        .put("migration_name", name)
        .put("sql_forwards", forwards)
        .put("sql_backwards", backwards);
  }

  String status(Database database) {
    if (!database.exists("longhaul.async_migration")) {
      return "not registered";
    }
    List<String> status =
        database.query(
            "select status from longhaul.async_migration where name = '%s'".formatted(name));
    return status.isEmpty() ? "not registered" : status.getFirst();
  }

  /// What does not hold, in words; none if all is well.
  List<String> violations(Database database) {
    List<String> violations = new ArrayList<>();
    List<String> rows =
        database.query(
            "select status || '|' || direction from longhaul.async_migration where name = '%s'"
                .formatted(name));
    if (rows.isEmpty()) {
      return violations;
    }
    String status = rows.getFirst().substring(0, rows.getFirst().indexOf('|'));
    int least = Integer.parseInt(database.value("select min(n) from " + name));
    int most = Integer.parseInt(database.value("select max(n) from " + name));
    boolean isMade =
        database.value("select to_regclass('%s_made') is not null".formatted(name)).equals("t");
    boolean isInvalid =
        database
            .value(
                "select exists (select from pg_index where indrelid = '%s'::regclass and not indisvalid)"
                    .formatted(name))
            .equals("t");
    if (most > 1) {
      violations.add("the work was done %d times".formatted(most));
    }
    boolean makes = shape == Shape.STEPS;
    if (status.equals("FINISHED") && (least != 1 || isMade != makes || isInvalid)) {
      violations.add(
          "FINISHED, but n is from %d, made: %s, invalid: %s".formatted(least, isMade, isInvalid));
    }
    if (status.equals("ROLLED BACK") && (most != 0 || isMade || isInvalid)) {
      violations.add(
          "ROLLED BACK, but n is up to %d, made: %s, invalid: %s"
              .formatted(most, isMade, isInvalid));
    }
    if (status.equals("FINISHED") && shape == Shape.FAILING) {
      violations.add("FINISHED, although it fails");
    }
    if (status.equals("ERROR") && shape != Shape.FAILING) {
      violations.add(
          "ERROR, although nothing is wrong with it: "
              + database.value(
                  "select meta -> 'error' from longhaul.async_migration where name = '%s'"
                      .formatted(name)));
    }
    checkHistory(database, status, violations);
    return violations;
  }

  /// A line of the history.
  ///
  /// @param from null for its registration
  /// @param person who has asked for it; null if nobody has
  /// @param isSetting whether somebody has set how it runs, which is no transition
  record Change(
      @Nullable MigrationStatus from,
      MigrationStatus to,
      int attempt,
      @Nullable String person,
      boolean isSetting) {
    /// An attempt begins, which no person can ask for.
    boolean isClaim() {
      return to == MigrationStatus.IN_PROGRESS && !isSetting;
    }

    private boolean isAllowed() {
      return from == null
          || (isSetting && from == to)
          || Arrays.stream(Transition.values())
              .anyMatch(transition -> transition.to() == to && transition.from().contains(from));
    }
  }

  List<Change> history(Database database) {
    List<String> lines =
        database.query(
            "select concat_ws('|', coalesce(from_status, ''), to_status, attempt,"
                + " coalesce(requested_by, ''), coalesce(reason, '') like 'set {%')"
                + " from longhaul.async_migration_history"
                + " where migration_name = '%s' order by id".formatted(name));
    return lines.stream()
        .map(line -> line.split("\\|", -1))
        .map(
            fields ->
                new Change(
                    fields[0].isEmpty() ? null : status(fields[0]),
                    status(fields[1]),
                    Integer.parseInt(fields[2]),
                    fields[3].isEmpty() ? null : fields[3],
                    fields[4].equals("t")))
        .toList();
  }

  private void checkHistory(Database database, String status, List<String> violations) {
    List<Change> history = history(database);
    @Nullable MigrationStatus last = null;
    for (Change change : history) {
      if (change.from() != last || !change.isAllowed()) {
        violations.add("its history is not legal: " + history);
        return;
      }
      last = change.to();
    }
    if (last != status(status)) {
      violations.add("it is %s, and its history ends with %s".formatted(status, last));
    }
  }

  /// A number among what says how it runs in batches; null if it does not.
  @Nullable Integer setting(Database database, String field) {
    return database
        .query(
            "select batch ->> '%s' from longhaul.async_migration where name = '%s' and batch is not null"
                .formatted(field, name))
        .stream()
        .map(Integer::valueOf)
        .findFirst()
        .orElse(null);
  }

  private static MigrationStatus status(String label) {
    return MigrationStatus.ofLabel(label).orElseThrow();
  }
}
