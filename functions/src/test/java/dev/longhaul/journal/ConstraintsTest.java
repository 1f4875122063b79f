package dev.longhaul.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Statuses;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// The database itself refuses rows that make no sense, whoever writes them.
class ConstraintsTest {
  private static final Set<String> tried = new TreeSet<>();
  private static Fixture longhaul;

  @BeforeAll
  static void open() {
    longhaul =
        new Fixture(Database.create(), java.util.Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));
    for (MigrationStatus status : MigrationStatus.values()) {
      Statuses.bring(longhaul, status.name().toLowerCase(java.util.Locale.ROOT), status);
    }
  }

  @AfterAll
  static void close() {
    assertThat(
            longhaul.database.query(
                """
                select conname from pg_constraint
                where conrelid = 'longhaul.async_migration'::regclass and contype = 'c'
                """))
        .as("every constraint is tried")
        .containsExactlyInAnyOrderElementsOf(tried);
    longhaul.close();
  }

  static Stream<Arguments> wrongRows() {
    return Stream.of(
        wrong("scheduled", "name = ''", "async_migration_name_check"),
        wrong("scheduled", "name = repeat('x', 256)", "async_migration_name_check"),
        wrong("scheduled", "status = 'DONE'", "known_status"),
        wrong("scheduled", "direction = 'SIDEWAYS'", "known_direction"),
        wrong("scheduled", "failed_attempts = 1", "attempts_count_up"),
        wrong("finished", "failed_attempts = -1", "attempts_count_up"),
        wrong("scheduled", "meta = '[]'", "meta_is_an_object"),
        wrong("scheduled", "sql_forwards = '[]'", "forwards_holds_statements"),
        wrong("scheduled", "sql_forwards = '\"select 1\"'", "forwards_holds_statements"),
        wrong("scheduled", "sql_backwards = '{}'", "backwards_is_a_list"),
        wrong("scheduled", "steps_done = 2", "steps_within_total"),
        wrong("scheduled", "steps_done = -1", "steps_within_total"),
        wrong("in_progress", "backend_pid = null", "in_progress_has_a_backend"),
        wrong("in_progress", "backend_start = null", "in_progress_has_a_backend"),
        wrong("started", "backend_pid = 1, backend_start = now()", "in_progress_has_a_backend"),
        wrong("started", "stop_requested = 'PAUSED'", "only_in_progress_can_be_asked_to_stop"),
        wrong("in_progress", "stop_requested = 'ERROR'", "only_in_progress_can_be_asked_to_stop"),
        wrong("started", "detached_at = now()", "only_in_progress_is_left"),
        wrong("finished", "progress = '{}'", "only_in_progress_or_batched_has_progress"),
        wrong("started", "next_look_at = null", "only_live_ones_are_looked_after"),
        wrong("in_progress", "next_look_at = null", "only_live_ones_are_looked_after"),
        wrong("paused", "next_look_at = now()", "only_live_ones_are_looked_after"),
        wrong("finished", "finished_at = null", "an_end_has_a_time"),
        wrong("error", "finished_at = null", "an_end_has_a_time"),
        wrong("cancelled", "finished_at = null", "an_end_has_a_time"),
        wrong("rolled_back", "finished_at = null", "an_end_has_a_time"),
        wrong("scheduled", "finished_at = now()", "an_end_has_a_time"),
        wrong("finished", "steps_done = 0", "finished_means_every_step"),
        wrong("finished", "step_in_doubt = true", "finished_means_every_step"),
        wrong("finished", "meta = '{\"error\": {}}'", "finished_means_every_step"),
        wrong("finished", "direction = 'BACKWARDS'", "finished_means_every_step"),
        wrong("rolled_back", "direction = 'FORWARDS'", "rolled_back_means_every_step"),
        wrong("rolled_back", "steps_total = 1", "rolled_back_means_every_step"),
        wrong("rolled_back", "step_in_doubt = true", "rolled_back_means_every_step"),
        wrong("rolled_back", "meta = '{\"error\": {}}'", "rolled_back_means_every_step"),
        wrong("error", "meta = '{}'", "an_error_is_explained"));
  }

  private static Arguments wrong(String name, String change, String constraint) {
    return Arguments.of(name, change, constraint);
  }

  @ParameterizedTest
  @MethodSource("wrongRows")
  void areEnforced(String name, String change, String constraint) throws SQLException {
    tried.add(constraint);
    String sql = "update longhaul.async_migration set %s where name = '%s'".formatted(change, name);
    try (Connection connection = longhaul.database.connect();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute(sql))
          .isInstanceOfSatisfying(
              PSQLException.class,
              e -> {
                ServerErrorMessage server = e.getServerErrorMessage();
                assertThat(server).isNotNull();
                assertThat(
                        List.of(
                            String.valueOf(e.getSQLState()),
                            String.valueOf(server.getConstraint())))
                    .isEqualTo(List.of("23514", constraint));
              });
    }
  }

  @Test
  void letASkippedMigrationBeFinishedWithoutItsSteps() throws SQLException {
    try (Connection connection = longhaul.database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          """
          update longhaul.async_migration set steps_done = 0, meta = '{"skipped": "why"}'
          where name = 'finished'
          """);
      connection.rollback();
    }
  }
}
