package dev.longhaul.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longhaul.cli.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class DatabaseUrlTest {
  @Test
  void takesUserAndPasswordOutOfTheAddress() throws SQLException {
    TestDatabase database = TestDatabase.create();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create role \"a+b@c\" login password 'p%/:+'");
    }
    DatabaseUrl url =
        new DatabaseUrl(
            "postgresql://a+b%%40c:p%%25%%2F%%3A+@localhost:%d/%s"
                .formatted(database.port(), database.name()));
    try (Connection connection = url.connect()) {
      assertThat(connection.getMetaData().getUserName()).isEqualTo("a+b@c");
    }
  }

  @Test
  void neverShowsThePassword() {
    DatabaseUrl url = new DatabaseUrl("postgresql://user:se cret@localhost/db");
    assertThatThrownBy(url::connect)
        .isInstanceOf(Failure.class)
        .hasMessageNotContaining("cret")
        .hasNoCause();
    assertThat(url.toString()).doesNotContain("cret");
  }
}
