package dev.longhaul.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longhaul.testing.SimpleQuery.Command;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimpleQueryTest {
  @Test
  void hearsEachCommandWithItsRows() {
    try (SimpleQuery query = new SimpleQuery(Database.create())) {
      assertThat(
              query.run(
                  """
                  select 1 as a, null as "b;"; do $$ begin raise notice ';'; end $$;
                  set application_name to ';'; copy (values (2), (3)) to stdout;
                  create table t (n int); listen l; notify l; insert into t values (4), (5);
                  """))
          .containsExactly(
              new Command("SELECT 1", List.of(List.of("a", "b;"), List.of("1", "null"))),
              new Command("DO", List.of()),
              new Command("SET", List.of()),
              new Command("COPY 2", List.of(List.of("2\n"), List.of("3\n"))),
              new Command("CREATE TABLE", List.of()),
              new Command("LISTEN", List.of()),
              new Command("NOTIFY", List.of()),
              new Command("INSERT 0 2", List.of()));
      assertThat(query.run("-- nothing;")).isEmpty();
    }
  }

  @Test
  void throwsWhatTheServerSaysAgainstAScript() {
    try (SimpleQuery query = new SimpleQuery(Database.create())) {
      assertThatThrownBy(() -> query.run("select 1; select 1/0"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("division by zero");
      assertThat(query.run("select 2")).hasSize(1);
      assertThatThrownBy(() -> query.run("select pg_terminate_backend(pg_backend_pid())"))
          .hasMessageContaining("terminating connection");
    }
  }
}
