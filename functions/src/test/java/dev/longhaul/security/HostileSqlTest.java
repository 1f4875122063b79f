package dev.longhaul.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.SqlScript;
import dev.longhaul.migration.StatementAlias;
import dev.longhaul.testing.Hostile;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What reads SQL reads any text.
class HostileSqlTest {
  @Test
  void scriptsAreSplitWhateverIsInThem() {
    Hostile.tryAll(
        "splitter",
        1,
        hostile -> {
          String script = hostile.text();
          List<String> statements = SqlScript.split(script);
          int at = 0;
          for (String statement : statements) {
            assertThat(statement).isNotEmpty();
            at = script.indexOf(statement, at);
            assertThat(at).as("the script's own text, in its order").isNotNegative();
            at += statement.length();
          }
          // A second look at one must not find two.
          if (script.length() < 10_000) {
            for (String statement : statements) {
              assertThat(SqlScript.split(statement)).containsExactly(statement);
            }
          }
        });
  }

  @Test
  void statementsAreJudgedWhateverIsInThem() {
    Hostile.tryAll(
        "objections and :batch",
        1,
        hostile -> {
          List<String> statements = SqlScript.split(hostile.text());
          for (String statement : statements.subList(0, Math.min(50, statements.size()))) {
            SqlScript.objection(statement);
            SqlScript.isQuery(statement);
            SqlScript.isConcurrent(statement);
            if (Placeholder.isIn(statement)) {
              Placeholder.objection(statement);
              StatementAlias.of(statement);
              String replaced = Placeholder.replace(statement, "id > 1");
              assertThat(replaced).contains("(id > 1)");
              assertThat(Placeholder.isIn(replaced)).as(replaced).isFalse();
            } else {
              assertThat(Placeholder.replace(statement, "id > 1")).isEqualTo(statement);
            }
          }
        });
  }
}
