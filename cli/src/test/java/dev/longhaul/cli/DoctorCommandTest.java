package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.Program.Ending;
import dev.longhaul.local.LocalCommand;
import dev.longhaul.local.LocalStack;
import dev.longhaul.local.LocalStackOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/// Against a local stack, whose rules and queues are those of template.yaml.
class DoctorCommandTest {
  private static final Pattern LINE = Pattern.compile("(ok  |warn|fail)  [^:]+: .+");

  @TempDir private Path state;

  private static String line(Ending ending, String start) {
    return ending
        .out()
        .lines()
        .filter(line -> line.contains("  " + start + ":"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(start + " is not in " + ending));
  }

  @Test
  void looksAtAllParts() throws Exception {
    var options =
        LocalStackOptions.ephemeral(state)
            .template(Path.of("..", "template.yaml"))
            .databaseUrl("jdbc:sqlite:" + state.resolve("journal"))
            .capturesStandardOutput(true);
    try (LocalStack stack = LocalStack.start(options, LocalCommand::handlers)) {
      Program program = new Program(stack.addresses().endpoint());

      Ending well = program.call("doctor");
      assertThat(well.out().lines().toList())
          .hasSizeGreaterThan(9)
          .allSatisfy(line -> assertThat(line).matches(LINE).startsWith("ok "));
      assertThat(well.exitCode()).isZero();
      for (String part :
          List.of(
              "ControlFunction",
              "main database",
              "main runner's database",
              "endpoint sqs",
              "endpoint events",
              "clock",
              "queue",
              "dead letters",
              "rule longhaul-sweep",
              "rule longhaul-manual")) {
        assertThat(line(well, part)).startsWith("ok");
      }

      Functions functions = Functions.at(Address.of(stack.addresses().endpoint()));
      URI queues = URI.create(stack.addresses().queueUrl()).resolve("/");
      try (functions;
          SqsClient sqs = functions.client(SqsClient.builder(), queues);
          EventBridgeClient events =
              functions.client(EventBridgeClient.builder(), stack.addresses().endpoint())) {
        String letters =
            sqs.getQueueUrl(request -> request.queueName("longhaul-dead-letters")).queueUrl();
        sqs.sendMessage(request -> request.queueUrl(letters).messageBody("what is this?"));
        Ending warned = program.call("doctor");
        assertThat(warned.exitCode()).as("a warning is no failure").isZero();
        assertThat(line(warned, "dead letters"))
            .startsWith("warn")
            .contains("1 messages", "start-message-move-task");

        events.disableRule(request -> request.name("longhaul-manual"));
        Ending failed = program.call("doctor", "--json");
        assertThat(failed.exitCode()).isEqualTo(1);
        JsonNode checks = new ObjectMapper().readTree(failed.out()).path("checks");
        assertThat(checks)
            .anySatisfy(
                check -> {
                  assertThat(check.path("check").asText()).isEqualTo("rule longhaul-manual");
                  assertThat(check.path("level").asText()).isEqualTo("fail");
                  assertThat(check.path("mend").asText()).contains("enable-rule");
                });
      }
    }
  }

  @Test
  void saysWhatToDoWhereNothingAnswers() {
    Ending ending = new Program(URI.create("http://127.0.0.1:1")).call("doctor");
    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(line(ending, "RegistrationFunction"))
        .startsWith("fail")
        .contains("./longhaul local");
    assertThat(ending.out().lines()).allMatch(line -> LINE.matcher(line).matches());
  }
}
