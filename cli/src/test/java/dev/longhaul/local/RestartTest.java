package dev.longhaul.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartTest {
  @TempDir private Path state;

  @Test
  void dataStayUntilAFreshStart() throws Exception {
    try (var stack = start(false)) {
      execute(stack, "create table kept as select 1 as n");
      assertThat(stack.isDatabaseAttached()).isFalse();
    }
    // What a machine that lost its power leaves, with a number that is another process's by now.
    Files.writeString(
        state.resolve("data").resolve("postmaster.pid"),
        ProcessHandle.current().pid() + "\n" + state.resolve("data") + "\n1\n5432\n\n\n\nready\n");

    try (var stack = start(false)) {
      execute(stack, "insert into kept values (2)");
    }

    try (var stack = start(true)) {
      assertThatThrownBy(() -> execute(stack, "select * from kept"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("relation \"kept\" does not exist");
    }
  }

  @Test
  void failedStartLeavesNothingRunning() throws Exception {
    assertThatThrownBy(
            () ->
                LocalStack.start(
                    TestStack.options(state),
                    _ -> {
                      throw new StartFailure("no functions today");
                    }))
        .isInstanceOf(StartFailure.class)
        .hasMessage("no functions today");

    assertThat(state.resolve("data").resolve("postmaster.pid")).doesNotExist();
    start(false).close();
  }

  @Test
  void secondStackOfTheSameProcessIsRefused() {
    var options = TestStack.options(state).databaseUrl("jdbc:sqlite:unused");
    try (var _ = LocalStack.start(options, new TestFunctions())) {
      assertThatThrownBy(() -> LocalStack.start(options, new TestFunctions()))
          .isInstanceOf(StartFailure.class)
          .hasMessageStartingWith("a local stack already runs on " + state);
    }
  }

  @Test
  void serverIsReachedByItsPasswordOnly() {
    try (var stack = start(false)) {
      var url = stack.addresses().databaseUrl().replaceFirst(":[^:@]+@", ":wrong@");
      assertThatThrownBy(() -> connect(url).close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  private LocalStack start(boolean fresh) {
    return LocalStack.start(TestStack.options(state).fresh(fresh), new TestFunctions());
  }

  private static void execute(LocalStack stack, String sql) throws SQLException {
    try (var connection = connect(stack.addresses().databaseUrl());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection connect(String url) throws SQLException {
    var parts = url.replaceFirst("postgresql://", "").split("[:@]", 3);
    return DriverManager.getConnection("jdbc:postgresql://" + parts[2], parts[0], parts[1]);
  }
}
