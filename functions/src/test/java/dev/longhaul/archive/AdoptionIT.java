package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A function ends while it looks at an index build that an earlier one has left to the server.
@Tag("fault")
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class AdoptionIT {
  private static final String LOOKER =
      """
      select pid from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock' and query like 'update longhaul.async_migration set%'
      """;

  enum Moment {
    /// The build goes on, and the look writes how far it is.
    LOOKING,
    /// The build has come to its end, and the look claims the migration.
    ADOPTING
  }

  private final Fixture longhaul = new Fixture();
  private final TcpProxy network = TcpProxy.to(URI.create(longhaul.database.url()));

  static Stream<Arguments> cases() {
    return Stream.of(Moment.values())
        .flatMap(moment -> Stream.of(End.KILLED, End.CUT).map(end -> Arguments.of(moment, end)));
  }

  @AfterEach
  void close() {
    network.close();
    longhaul.close();
  }

  private static Statement begin(Connection connection, String sql) throws SQLException {
    connection.setAutoCommit(false);
    Statement statement = connection.createStatement();
    statement.execute(sql);
    return statement;
  }

  private void awaitFree() {
    longhaul.database.await(
        """
        select not exists (select from pg_locks where locktype = 'advisory' and database =
                             (select oid from pg_database where datname = current_database()))
        """);
  }

  /// Sends what the sweep does when it is time for the next look.
  private void send() {
    longhaul.database.execute("update longhaul.async_migration set next_look_at = now()");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("cases")
  void theNextLookAdoptsIt(Moment moment, End end) throws Exception {
    longhaul.database.execute("create table t (n int)");
    longhaul.register(
        Fixture.migration("index", "create index concurrently t_n on t (n)", "")
            .put("detach_after", "100ms")
            .toString());
    try (Connection writer = longhaul.database.connect();
        Connection holder = longhaul.database.connect();
        FunctionProcess executor = Archive.executor(longhaul, network);
        var _ = begin(writer, "insert into t values (0)")) {
      longhaul.executeNext();
      String built = longhaul.database.value("select 't_n'::regclass::oid");
      if (moment == Moment.ADOPTING) {
        writer.commit();
        awaitFree();
      }
      send();
      try (var _ = begin(holder, "select from longhaul.async_migration for update")) {
        CompletableFuture<Answer> looking = executor.send(Archive.take(longhaul));
        longhaul.database.await("select exists (" + LOOKER + ")");
        String session = longhaul.database.value(LOOKER);
        end.of(executor, network);
        if (end == End.CUT) {
          assertThat(looking.get().body()).as("its message comes back").contains("itemIdentifier");
        } else {
          assertThat(looking.get()).isInstanceOf(Answer.Ended.class);
        }
        holder.rollback();
        longhaul.database.await(
            "select not exists (select from pg_stat_activity where pid = " + session + ")");
      }
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
      writer.commit();
      awaitFree();
      send();
      longhaul.executeAll();

      JsonNode status = longhaul.control("status", "index");
      assertThat(status.path("status").asText()).isEqualTo("FINISHED");
      assertThat(status.path("attempt").asInt()).isEqualTo(moment == Moment.ADOPTING ? 3 : 2);
      assertThat(Fixture.notes(status)).isEmpty();
      assertThat(longhaul.pathOf("index")).containsOnlyOnce("FINISHED").doesNotContain("ERROR");
      assertThat(longhaul.database.query("select failed_attempts from longhaul.async_migration"))
          .containsExactly("0");
      assertThat(
              longhaul.database.query(
                  "select indexrelid from pg_index where indrelid = 't'::regclass and indisvalid"))
          .as("not built again")
          .containsExactly(built);
    }
    longhaul.queue.drain();
  }
}
