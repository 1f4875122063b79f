package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.longhaul.testing.Fixture;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/// A write to the journal that the database refuses, for a reason that nobody has thought of.
class FailedWriteTest {
  @Test
  void saysNothingOfTheSql() {
    try (Fixture longhaul = new Fixture()) {
      longhaul.control("{\"action\": \"list\"}");
      longhaul.database.execute(
          "alter table longhaul.async_migration add constraint surprise check (name <> 'm')");
      Throwable failure =
          catchThrowable(() -> longhaul.register("m", "select 'canary-in-the-sql'", ""));

      StringWriter logged = new StringWriter();
      failure.printStackTrace(new PrintWriter(logged));
      assertThat(logged.toString()).contains("surprise").doesNotContain("canary-in-the-sql");
    }
  }
}
