package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.PlantedCanary;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The settings that a work connection makes for itself.
class SessionTest {
  private final Database database = Database.create();

  private String setting(String user, String name) throws Exception {
    Map<String, String> environment =
        PlantedCanary.plant(
            Map.of("DATABASE_URL", database.url().replace("postgres@", user + "@")));
    try (Connection connection =
            Targets.fromEnvironment(environment, new AwsIdentity("us-east-1"))
                .get("main")
                .connect("test");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("show " + name)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void winsOverWhatIsSetOnTheRole() throws Exception {
    database.execute("alter database " + name() + " set statement_timeout = '1s'");
    assertThat(setting("postgres", "statement_timeout")).isEqualTo("0");
  }

  @ParameterizedTest
  @CsvSource({
    "statement_timeout, 1s",
    "lock_timeout, 1s",
    "transaction_timeout, 1s",
    "idle_session_timeout, 1s",
    "idle_in_transaction_session_timeout, 1s",
    "client_connection_check_interval, 1s"
  })
  void noLimitOnTheRoleInThisDatabaseEndsLongWork(String name, String value) throws Exception {
    database.execute(
        "alter role postgres in database %s set %s = '%s'".formatted(name(), name, value));
    assertThat(setting("postgres", name)).isEqualTo("0");
  }

  /// Ten seconds of silence, and three probes every five.
  @Test
  void isEndedHalfAMinuteAfterItsClientHasVanished() throws Exception {
    assertThat(setting("postgres", "tcp_keepalives_idle")).isEqualTo("10");
    assertThat(setting("postgres", "tcp_keepalives_interval")).isEqualTo("5");
    assertThat(setting("postgres", "tcp_keepalives_count")).isEqualTo("3");
  }

  @Test
  void mayWriteAlthoughTheRoleIsSetToReadOnly() throws Exception {
    database.execute(
        "alter role postgres in database %s set default_transaction_read_only = on"
            .formatted(name()));
    assertThat(setting("postgres", "transaction_read_only")).isEqualTo("off");
  }

  @Test
  void keepsTheTablesOfAUserNamedLonghaulOutOfTheJournal() throws Exception {
    database.execute("create role longhaul superuser login");
    try {
      assertThat(setting("longhaul", "search_path")).isEqualTo("public");
    } finally {
      database.execute("drop role longhaul");
    }
    assertThat(setting("postgres", "search_path")).isEqualTo("\"$user\", public");
  }

  private String name() {
    return database.value("select current_database()");
  }
}
