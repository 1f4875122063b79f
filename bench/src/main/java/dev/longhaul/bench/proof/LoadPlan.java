package dev.longhaul.bench.proof;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.bench.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// How much is registered for whom, and what each target's migrations have done when all have
/// ended.
///
/// @param sleep seconds that a migration of the common kind sleeps, on average
record LoadPlan(int migrations, int targets, int executors, double sleep) {
  /// What ten minutes and more are for; less time gets less of everything.
  private static final Duration WHOLE = Duration.ofMinutes(10);

  private static final int MIGRATIONS = 10_000;
  private static final int TARGETS = 200;
  private static final int EXECUTORS = 50;

  /// The first target has a tenth of all, for its journal's plans to matter.
  private static final int SHARE_OF_FIRST = 10;

  /// Every so many builds an index.
  private static final int INDEX_EVERY = 25;

  /// Every so many, counted from the middle, walks a table in batches. The others change a row, and
  /// sleep.
  private static final int WALK_EVERY = 10;

  /// Of the table that is walked; a batch has 50.
  private static final int ROWS = 200;

  private static final int MOST_IN_A_CALL = 500;

  static final long SEED = 20_260_101;
  private static final ObjectMapper JSON = new ObjectMapper();

  static LoadPlan of(Duration time) {
    double share = Math.min(1, time.toMillis() / (double) WHOLE.toMillis());
    int migrations = (int) (MIGRATIONS * share);
    int executors = (int) Math.max(2, EXECUTORS * share);
    // Half of the time is for sleeping, at full use.
    double sleep = 0.5 * time.toMillis() * executors / migrations / 1000;
    return new LoadPlan(migrations, (int) Math.max(2, TARGETS * share), executors, sleep);
  }

  /// For as long as is needed to tell whether memory and cost stay as they are.
  boolean isWhole() {
    return migrations == MIGRATIONS;
  }

  int of(int target) {
    int each = migrations * (SHARE_OF_FIRST - 1) / SHARE_OF_FIRST / (targets - 1);
    return target == 0 ? migrations - each * (targets - 1) : each;
  }

  static String name(int target) {
    return "t%03d".formatted(target);
  }

  private static boolean isIndex(int n) {
    return n % INDEX_EVERY == 0;
  }

  private static boolean isWalk(int n) {
    return n % WALK_EVERY == WALK_EVERY / 2;
  }

  void fill(Database database, int target) throws SQLException {
    database.execute(
        "create table effect (n int primary key, times int not null default 0)",
        "insert into effect (n) select generate_series(1, %d)".formatted(of(target)),
        "create table item (id int)",
        "insert into item select generate_series(1, 1000)",
        "create table walked (id int primary key, times int not null default 0)",
        "insert into walked (id) select generate_series(1, %d)".formatted(ROWS));
  }

  /// The payloads that register all of a target's migrations.
  List<String> registrations(int target) {
    Random random = new Random(SEED + target);
    List<String> payloads = new ArrayList<>();
    for (int first = 1; first <= of(target); first += MOST_IN_A_CALL) {
      int last = Math.min(of(target), first + MOST_IN_A_CALL - 1);
      payloads.add(registration(target, first, last, random));
    }
    return payloads;
  }

  private String registration(int target, int first, int last, Random random) {
    ObjectNode payload = JSON.createObjectNode();
    var list = payload.putArray("migrations");
    for (int n = first; n <= last; n++) {
      ObjectNode migration =
          list.addObject()
              .put("target", name(target))
              .put("migration_name", "%05d_load".formatted(n))
              .put("sql_backwards", "");
      if (isIndex(n)) {
        migration.put(
            "sql_forwards", "create index concurrently item_%d on item (id)".formatted(n));
      } else if (isWalk(n)) {
        walk(migration);
      } else {
        migration
            .putArray("sql_forwards")
            .add("update effect set times = times + 1 where n = " + n)
            .add("select pg_sleep(%.3f)".formatted(random.nextDouble() * 2 * sleep));
      }
    }
    return payload.toString();
  }

  /// Who sleeps is active, so a walk that heeds the others would stand still until the end.
  private static void walk(ObjectNode migration) {
    migration.put("sql_forwards", "update walked set times = times + 1 where :batch");
    migration
        .putObject("batch")
        .put("table", "walked")
        .put("key", "id")
        .put("size", 50)
        .putObject("health")
        .put("active_sessions_per_vcpu", 0)
        .put("blocked_sessions", 0)
        .put("requested_checkpoints", 0);
  }

  /// Queries that give a row, in words, for each effect that is not there exactly once.
  List<String> violations(int target) {
    int walks = 0;
    for (int n = 1; n <= of(target); n++) {
      walks += isWalk(n) && !isIndex(n) ? 1 : 0;
    }
    return List.of(
        "select name || ' is ' || status from longhaul.async_migration where status <> 'FINISHED'",
        "select 'of %1$d migrations there are ' || count(*) from longhaul.async_migration having count(*) <> %1$d"
            .formatted(of(target)),
        "select 'row ' || n || ' was changed ' || times || ' times' from effect where times <> case when n %% %1$d = 0 or n %% %2$d = %3$d then 0 else 1 end"
            .formatted(INDEX_EVERY, WALK_EVERY, WALK_EVERY / 2),
        "select 'walked row ' || id || ' was changed ' || times || ' times' from walked where times <> %d"
            .formatted(walks),
        "select indexrelid::regclass || ' is not valid' from pg_index where indrelid ="
            + " 'item'::regclass and not indisvalid",
        "select 'an index is missing: ' || n from effect where n %% %d = 0 and to_regclass('item_' || n) is null"
            .formatted(INDEX_EVERY));
  }
}
