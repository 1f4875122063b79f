package dev.longhaul.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.pipelines.Runner.Ending;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExamplesTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void deploysOnlyOnceWhatItNeedsIsFinished(Pipeline pipeline) throws Exception {
    try (Stack stack = new Stack(directory.resolve("state"))) {
      Runner runner = new Runner(directory.resolve("workspace"), stack.endpoint());
      runner.migration("0042_index_orders", "create table orders (id int);", "drop table orders;");
      runner.migration("0043_index_customers", "create table customers (id int);", "");

      Ending early = pipeline.run(runner);

      assertThat(early.exitCode()).as(early.out()).isEqualTo(1);
      assertThat(early.out())
          .contains("longhaul: UnknownMigration: no migration \"0042_index_orders\"");
      assertThat(runner.hasDeployed()).isFalse();

      runner.run("ci/longhaul.sh register migrations/0042_index_orders.sql");
      stack.await("0042_index_orders", "FINISHED");
      Ending ready = pipeline.run(runner);

      assertThat(ready.exitCode()).as(ready.out()).isZero();
      assertThat(ready.out())
          .contains(
              "0042_index_orders  FINISHED\n",
              "known already  0042_index_orders  FINISHED\n",
              "registered     0043_index_customers  STARTED\n");
      assertThat(runner.hasDeployed()).isTrue();
      stack.await("0043_index_customers", "FINISHED");
    }
  }
}
