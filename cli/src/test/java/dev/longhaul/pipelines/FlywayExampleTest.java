package dev.longhaul.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.flyway.BackgroundMigration;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlywayExampleTest {
  @TempDir private Path directory;

  @Test
  void compilesAndHasTheVersionOfItsName() throws Exception {
    Path source = directory.resolve("V42__Index_orders_by_customer.java");
    Files.writeString(source, Page.blocks("other-tools.md", "Flyway", "java").getFirst());
    int result =
        Objects.requireNonNull(ToolProvider.getSystemJavaCompiler())
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                directory.toString(),
                source.toString());
    assertThat(result).isZero();

    try (var loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      Object migration =
          loader
              .loadClass("db.migration.V42__Index_orders_by_customer")
              .getConstructor()
              .newInstance();

      assertThat(((BackgroundMigration) migration).getVersion().getVersion()).isEqualTo("42");
    }
  }
}
