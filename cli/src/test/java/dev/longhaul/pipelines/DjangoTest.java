package dev.longhaul.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longhaul.pipelines.Runner.Ending;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The helper of docs/other-tools.md under migrations as Label Studio writes them. Of Django there
/// is what the helper touches.
class DjangoTest {
  private static final String MIGRATION =
      """
      from core.migration_helpers import make_sql_migration

      forwards_sql = [
          'CREATE TABLE IF NOT EXISTS task (id int, project_id int)',
          'CREATE INDEX CONCURRENTLY IF NOT EXISTS task_by_project ON task (project_id)',
      ]
      backwards_sql = 'DROP INDEX CONCURRENTLY IF EXISTS task_by_project'

      def later():
          return 'ANALYZE task;'

      operations = [
          make_sql_migration(forwards_sql, backwards_sql, migration_name='tasks:0058_index'),
          make_sql_migration(later, '', apply_on_sqlite=False, execute_immediately=True,
                             migration_name='tasks:0059_analyze', dependencies=['tasks:0058_index']),
      ]
      """;

  private static final String RUN =
      """
      python3 - <<'PYTHON'
      from types import SimpleNamespace as Editor
      from migration_0058 import operations
      postgresql = Editor(connection=Editor(vendor='postgresql'))
      for editor in (Editor(collect_sql=True), Editor(connection=Editor(vendor='sqlite'))):
          for forwards, backwards in operations:
              forwards(None, editor)
              backwards(None, editor)
      DO
      PYTHON
      """;

  @TempDir private Path directory;

  @Test
  void registersAndRollsBackMigrationsOfLabelStudio() throws Exception {
    try (Stack stack = new Stack(directory.resolve("state"))) {
      Runner runner = new Runner(directory.resolve("workspace"), stack.endpoint());
      assumeTrue(
          runner.run("python3 -c 'import boto3'").exitCode() == 0,
          "SKIPPED: python3 with boto3 is not on this machine");
      runner.set("LONGHAUL_STACK", "longhaul");
      runner.file(
          "core/migration_helpers.py",
          Page.blocks("other-tools.md", "Label Studio, and Django", "python").getFirst());
      runner.file("migration_0058.py", MIGRATION);

      String twice = "for forwards, _ in operations * 2: forwards(None, postgresql)";
      Ending forwards = runner.run(RUN.replace("DO", twice));
      assertThat(forwards.exitCode()).as(forwards.out()).isZero();
      stack.await("tasks:0059_analyze", "FINISHED");
      assertThat(stack.status("tasks:0058_index")).isEqualTo("FINISHED");

      Ending refused = runner.run(RUN.replace("DO", "operations[0][1](None, postgresql)"));
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.out()).contains("RuntimeError: InvalidTransition: ");
    }
  }
}
