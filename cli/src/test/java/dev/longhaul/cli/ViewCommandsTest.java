package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.cli.Program.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Status, list and history: what people read.
class ViewCommandsTest {
  private static final String ERROR_STATE =
      """
      {"migration_name":"0003_unique","target":"main","status":"ERROR","direction":"FORWARDS",
       "attempt":2,"progress":{"done":1,"total":3,"unit":"step","eta_seconds":null,"phase":null},
       "meta":{"error":{"sqlstate":"23505","message":"could not create unique index\\n\\"u\\"",
         "detail":"Key (id)=(1) is duplicated.","hint":null,"position":null,
         "statement":"create unique index u\\n on t (id)","statement_number":2,
         "next":"remove the duplicates, then longhaul retry 0003_unique"}},
       "created_at":"2026-11-23T03:00:00Z","started_at":"2026-11-23T03:50:00Z",
       "finished_at":"2026-11-23T03:59:30.5Z"}
      """;

  private final LambdaDouble lambda = new LambdaDouble();
  private final Program program = new Program(lambda.endpoint());

  @AfterEach
  void stop() {
    lambda.close();
  }

  @Test
  void saysWhatHoldsABatchedMigrationBack() {
    String state =
        """
        {"migration_name":"a","target":"main","status":"IN PROGRESS","direction":"forwards","attempt":1,
         "progress":{"done":250,"total":1000,"unit":"row","eta_seconds":90,"phase":"step 2",
           "pace":%s,"pace_reason":"replica lag of 7 s"},"meta":{},"created_at":"2026-11-23T03:00:00Z"}
        """;
    lambda.answers(state.formatted("0.25")).answers("{\"history\":[]}");
    assertThat(program.call("status", "a").out())
        .contains("  held back   pace 25 %: replica lag of 7 s\n");
    lambda.answers("{\"migrations\":[" + state.formatted("0") + "],\"next\":null}");
    assertThat(program.call("list").out()).contains("  stopped: replica lag of 7 s\n");
    lambda.answers(state.formatted("1.0")).answers("{\"history\":[]}");
    assertThat(program.call("status", "a").out()).doesNotContain("held back");
  }

  @Test
  void showsOneMigration() {
    lambda
        .answers(ERROR_STATE)
        .answers(
            """
            {"migration_name":"0003_unique","target":"main","history":[
              {"id":1,"from":null,"to":"STARTED","attempt":0,"reason":"registered","at":"2026-11-23T03:50:00Z"},
              {"id":2,"from":"STARTED","to":"IN PROGRESS","attempt":1,"reason":null,"at":"2026-11-23T03:50:01Z"},
              {"id":3,"from":"IN PROGRESS","to":"ERROR","attempt":1,"reason":"23505: x\\u001b[31m","at":"2026-11-23T03:59:30Z"}]}
            """);

    Ending ending = program.call("status", "0003_unique");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                0003_unique  ERROR
                  target      main
                  direction   FORWARDS
                  attempt     2
                  progress    1 of 3 steps (33 %)
                  created     2026-11-23 04:00:00 (60 min ago)
                  started     2026-11-23 04:50:00 (10 min ago)
                  finished    2026-11-23 04:59:30 (29 s ago)
                  error       could not create unique index "u" (SQLSTATE 23505)
                  detail      Key (id)=(1) is duplicated.
                  statement   2: create unique index u on t (id)
                  next        remove the duplicates, then longhaul retry 0003_unique
                  timeline
                    2026-11-23 04:50:00  STARTED      registered
                    2026-11-23 04:50:01  IN PROGRESS
                    2026-11-23 04:59:30  ERROR        23505: x [31m
                """,
                ""));
    assertThat(lambda.payloads())
        .containsExactly(
            "{\"action\":\"status\",\"migration_name\":\"0003_unique\"}",
            "{\"action\":\"history\",\"migration_name\":\"0003_unique\",\"target\":\"main\"}");
  }

  @Test
  void showsProgressOfWhatRuns() {
    lambda
        .answers(
            """
            {"migration_name":"0042_backfill","target":"main","status":"IN PROGRESS","direction":"FORWARDS",
             "attempt":1,"progress":{"done":1234567,"total":4000000,"unit":"row","eta_seconds":260,"phase":"updating"},
             "meta":{},"created_at":"2026-11-23T03:00:00+00:00","started_at":"2026-11-23T03:50:00Z","finished_at":null}
            """)
        .answers("{\"history\":[]}");

    assertThat(program.call("status", "0042_backfill").out())
        .contains("  progress    1,234,567 of 4,000,000 rows (30 %), updating, about 4 min left\n")
        .doesNotContain("finished");
  }

  @Test
  void listsPageAfterPage() {
    lambda
        .answers(
            "{\"migrations\":["
                + state("0001_a", "FINISHED", "{\"skipped\":\"apply_on_sqlite is false\"}")
                + "],\"next\":\"t1\"}")
        .answers(
            "{\"migrations\":["
                + state("0002_bb", "SCHEDULED", "{\"waiting_for\":[\"0001_a\",\"0009_z\"]}")
                + ","
                + ERROR_STATE
                + "],\"next\":null}");

    Ending ending = program.call("list", "--status=finished,In_Progress", "--target=x");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                MIGRATION    STATUS     PROGRESS             WHEN
                0001_a       FINISHED                        59 s ago  apply_on_sqlite is false
                0002_bb      SCHEDULED                       59 s ago  waits for 0001_a, 0009_z
                0003_unique  ERROR      1 of 3 steps (33 %)  29 s ago  could not create unique index "u"
                """,
                ""));
    assertThat(lambda.payloads())
        .containsExactly(
            "{\"action\":\"list\",\"target\":\"x\",\"limit\":1000,\"status\":[\"FINISHED\",\"IN"
                + " PROGRESS\"]}",
            "{\"action\":\"list\",\"target\":\"x\",\"limit\":1000,\"status\":[\"FINISHED\",\"IN"
                + " PROGRESS\"],\"after\":\"t1\"}");
  }

  @Test
  void stopsAtTheLimitAndSaysThatThereIsMore() {
    lambda.answers("{\"migrations\":[" + state("0001_a", "FINISHED", "{}") + "],\"next\":\"t1\"}");

    Ending ending = program.call("list", "--limit=1");

    assertThat(ending.out()).endsWith("… and more; --limit is 1\n");
    assertThat(lambda.payloads()).containsExactly("{\"action\":\"list\",\"limit\":1}");
  }

  @Test
  void listsNothing() {
    lambda
        .answers("{\"migrations\":[],\"next\":null}")
        .answers("{\"migrations\":[],\"next\":null}");

    assertThat(program.call("list").out())
        .isEqualTo("There are no migrations; longhaul register FILE… adds some.\n");
    assertThat(program.call("list", "--status=error").out())
        .isEqualTo("There are no migrations of that status.\n");
  }

  @Test
  void showsTheHistory() {
    lambda.answers(
        """
        {"migration_name":"0001_a","target":"main","history":[
          {"id":1,"from":null,"to":"SCHEDULED","direction":"FORWARDS","attempt":0,"reason":"registered","requested_by":"ada","at":"2026-11-23T03:00:00Z"},
          {"id":2,"from":"SCHEDULED","to":"STARTED","direction":"FORWARDS","attempt":0,"reason":"triggered","requested_by":null,"at":"2026-11-23T03:00:05.25Z"}]}
        """);

    assertThat(program.call("history", "0001_a").out())
        .isEqualTo(
            """
            AT                   FROM       TO         DIRECTION  ATTEMPT  REQUESTED BY  REASON
            2026-11-23 04:00:00             SCHEDULED  FORWARDS   0        ada           registered
            2026-11-23 04:00:05  SCHEDULED  STARTED    FORWARDS   0                      triggered
            """);
    assertThat(lambda.payloads())
        .containsExactly("{\"action\":\"history\",\"migration_name\":\"0001_a\"}");
  }

  private static String state(String name, String status, String meta) {
    return """
    {"migration_name":"%s","target":"main","status":"%s","direction":"FORWARDS","attempt":0,\
    "progress":{"done":0,"total":1,"unit":"step","eta_seconds":null,"phase":null},"meta":%s,\
    "created_at":"2026-11-23T03:59:00.1Z","started_at":null,"finished_at":null}\
    """
        .formatted(name, status, meta);
  }
}
