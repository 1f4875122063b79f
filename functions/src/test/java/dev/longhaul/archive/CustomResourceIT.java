package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Stack;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// A stack's migration, as CloudFormation asks the packaged function for it, and takes its answers
/// over HTTP
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html>).
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class CustomResourceIT {
  @Test
  void isCreatedRefusedAndDeleted() throws Exception {
    try (Fixture longhaul = new Fixture();
        Stack stack = new Stack();
        FunctionProcess registration =
            FunctionProcess.start(Archive.CODE, Archive.REGISTRATION, longhaul.environment())) {
      JsonNode created = ask(registration, stack, "Create", "create table t (n int)");
      assertThat(created.path("Status").asText()).as(created.toString()).isEqualTo("SUCCESS");
      assertThat(created.path("PhysicalResourceId").asText()).isEqualTo("main/0001_t");
      longhaul.executeUntil("0001_t", "FINISHED");

      JsonNode refused = ask(registration, stack, "Update", "create table other (n int)");
      assertThat(refused.path("Status").asText()).isEqualTo("FAILED");
      assertThat(refused.path("Reason").asText()).contains("0001_t");

      assertThat(
              ask(registration, stack, "Delete", "create table t (n int)").path("Status").asText())
          .isEqualTo("SUCCESS");
      assertThat(longhaul.status("0001_t")).isEqualTo("FINISHED");
    }
  }

  private static JsonNode ask(
      FunctionProcess registration, Stack stack, String type, String forwards) throws Exception {
    ObjectNode properties = Fixture.migration("0001_t", forwards, "drop table t");
    String token = Event.of("{}").functionArn();
    ObjectNode request =
        stack.request(type, token, properties).put("PhysicalResourceId", "main/0001_t");
    registration.invoke(Event.of(request.toString())).body();
    return stack.answer();
  }
}
