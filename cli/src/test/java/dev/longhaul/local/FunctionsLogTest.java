package dev.longhaul.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;

class FunctionsLogTest {
  @TempDir private Path state;

  @Test
  void holdsARefusalOnce() throws Exception {
    var options =
        TestStack.options(state)
            .databaseUrl("jdbc:sqlite:" + state.resolve("journal"))
            .capturesStandardOutput(true);
    try (var stack = LocalStack.start(options, LocalCommand::handlers);
        var lambda = TestStack.lambda(stack)) {
      lambda.invoke(
          call ->
              call.functionName("RegistrationFunction").payload(SdkBytes.fromUtf8String("hello")));
    }

    assertThat(Files.readAllLines(state.resolve("functions.log")))
        .filteredOn(line -> line.contains("InvalidMigration"))
        .singleElement()
        .asString()
        .contains("the payload is not JSON");
  }
}
