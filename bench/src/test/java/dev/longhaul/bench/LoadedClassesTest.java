package dev.longhaul.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedClassesTest {
  @Test
  void countsByOriginTheGreatestFirst(@TempDir Path directory) throws IOException {
    var log = directory.resolve("classes.log");
    Files.writeString(
        log,
        """
        [0.010s] dev.longhaul.Longhaul source: file:/var/task/
        [0.010s] java.lang.Object source: shared objects file
        [0.020s] java.lang.String source: shared objects file
        [0.030s] software.amazon.awssdk.services.sqs.SqsClient source: file:/var/task/lib/sqs.jar
        [0.031s] something else
        """);

    assertThat(LoadedClasses.count(log).entrySet())
        .first()
        .isEqualTo(entry("JDK, from its own archive", 2));
    assertThat(LoadedClasses.count(log))
        .containsOnly(
            entry("JDK, from its own archive", 2), entry("AWS SDK", 1), entry("Longhaul", 1));
  }
}
