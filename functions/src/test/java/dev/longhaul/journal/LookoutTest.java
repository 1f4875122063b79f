package dev.longhaul.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.database.Dialect;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// An executor that leaves a statement at the moment at which it comes to its end.
@Tag("fault")
class LookoutTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  /// Else whoever comes next would say of the step behind it, which nobody has begun, that the
  /// server did not complete it.
  @Test
  void doesNotLeaveAStatementWhoseCheckpointIsUnderWay() throws SQLException {
    longhaul.register("steps", "select 1; vacuum; select 2", "");
    try (Connection connection = longhaul.database.connect();
        Connection another = longhaul.database.connect()) {
      JournalConnection work = new JournalConnection(connection, Dialect.POSTGRESQL);
      JournalConnection beside = new JournalConnection(another, Dialect.POSTGRESQL);
      Journal journal = new Journal(beside, "main", () -> {});
      Attempt attempt = Attempt.claim(work, journal.find("steps").orElseThrow()).orElseThrow();
      connection.setAutoCommit(false);
      assertThat(attempt.execute(attempt.checkpoint(1))).isTrue();
      CompletableFuture<Optional<Lookout.Live>> leaving =
          CompletableFuture.supplyAsync(
              () -> new Lookout(journal).detach(attempt, 0, Duration.ofSeconds(15)),
              Thread::startVirtualThread);
      longhaul.database.await(
          "select exists (select from pg_locks where not granted and locktype = 'transactionid')");
      connection.commit();
      assertThat(leaving.join()).isEmpty();
    }
    assertThat(longhaul.database.value("select detached_at from longhaul.async_migration"))
        .isEqualTo("null");
  }
}
