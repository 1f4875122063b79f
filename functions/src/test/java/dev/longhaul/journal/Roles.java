package dev.longhaul.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.sqs.model.Message;

/// The roles of docs/security.md, made by the SQL of that page, and the functions that log in as
/// them. The tables of `app_owner` are one, `orders`.
final class Roles implements AutoCloseable {
  static final String DENIED = "42501";

  private static final Path PAGE = Path.of("../docs/security.md");
  private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\n(.*?)^```");

  /// What is commented out there, since few want it.
  private static final Pattern PRUNING =
      Pattern.compile("(?m)^-- With HistoryRetentionDays: (grant .*;)$");

  final Database database = Database.create();
  final Fixture registrar;
  final Fixture runner;
  final Fixture viewer;

  private final String sql;

  Roles() throws IOException {
    database.execute(
        """
        do $$ begin
          if to_regrole('app_owner') is null then create role app_owner; end if;
        end $$;
        create table orders (id bigint primary key, customer_id bigint);
        insert into orders select n, n % 10 from generate_series(1, 100) n;
        alter table orders owner to app_owner;
        grant create on schema public to app_owner
        """);
    database.execute(Journals.schema());
    List<String> blocks =
        SQL.matcher(Files.readString(PAGE)).results().map(match -> match.group(1)).toList();
    assertThat(blocks).hasSize(1);
    sql = blocks.getFirst();
    // As after every release that changes the journal.
    database.execute(sql);
    database.execute(sql);
    registrar = as("longhaul_registrar", Map.of());
    viewer = as("longhaul_viewer", Map.of());
    runner = as("longhaul_runner", Map.of("DATABASE_HEALTH", "{\"vcpus\": 4}"));
  }

  @Override
  public void close() {
    registrar.close();
    runner.close();
    viewer.close();
  }

  /// Functions that log in as a role.
  Fixture as(String role, Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("DATABASE_URL", database.url().replace("postgres@", role + "@"));
    return new Fixture(database, all);
  }

  void grantPruning() {
    List<MatchResult> grants = PRUNING.matcher(sql).results().toList();
    assertThat(grants).hasSize(1);
    database.execute(grants.getFirst().group(1));
  }

  /// What the executor does with the next message.
  void executeNext() {
    for (Message message : registrar.queue.receive()) {
      assertThat(runner.execute(message)).isEmpty();
      registrar.queue.delete(message);
    }
  }

  /// The SQLSTATE; "00000" if it succeeds.
  String failure(String role, String statement) throws SQLException {
    String url = "jdbc:" + database.url().replace("postgres@", "") + "?user=" + role;
    try (Connection connection = DriverManager.getConnection(url);
        Statement executed = connection.createStatement()) {
      executed.execute(statement);
      return "00000";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }
}
