package dev.longhaul.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OutputsTest {
  @Test
  void areDescribedAndGiveAddresses() {
    JsonNode outputs = Template.section("Outputs");

    for (JsonNode output : outputs) {
      assertThat(output.path("Description").asText()).isNotBlank();
    }
    for (String function : Template.FUNCTIONS) {
      assertThat(Template.brief(outputs.path(function + "Arn").path("Value")))
          .isEqualTo(function + ".Arn");
    }
    assertThat(Template.brief(outputs.at("/QueueUrl/Value"))).isEqualTo("Queue");
    assertThat(Template.brief(outputs.at("/DeadLettersUrl/Value"))).isEqualTo("DeadLetters");
    assertThat(Template.brief(outputs.at("/UndeliveredEventsUrl/Value")))
        .isEqualTo("UndeliveredEvents");
  }

  @Test
  void commandsToCopyCarryWhatTheFunctionsTake() throws IOException {
    String name = "0001_hello";
    JsonNode register = argument("RegisterCommand", invoke("register", "RegistrationFunction"));
    assertThat(register.path("migration_name").asText()).isEqualTo(name);
    assertThat(register.path("sql_forwards").asText()).isEqualTo("create table hello (id bigint)");
    assertThat(register.path("sql_backwards").asText()).isEqualTo("drop table hello");
    assertThat(register).hasSize(3);

    String trigger = "{\"migration_names\":[\"" + name + "\"]}";
    assertThat(argument("TriggerCommand", invoke("trigger", "TriggerFunction")))
        .hasToString(trigger);
    assertThat(argument("StatusCommand", invoke("status", "ControlFunction")))
        .hasToString("{\"action\":\"status\",\"migration_name\":\"" + name + "\"}");

    JsonNode event =
        argument(
                "PutEventsCommand",
                "aws events put-events --region ${AWS::Region} --entries '(.*)'")
            .path(0);
    assertThat(event.path("EventBusName").asText()).isEqualTo("${EventBusName}");
    assertThat(event.path("Source").asText()).isEqualTo("longhaul");
    assertThat(event.path("DetailType").asText()).isEqualTo("Run Migrations");
    assertThat(event.path("Detail").asText()).isEqualTo(trigger);
  }

  /// In a file, since versions 1 and 2 of the AWS CLI take different texts on the command line:
  /// `--cli-binary-format` is unknown to version 1, and without it version 2 expects base64.
  private static String invoke(String file, String function) {
    return "echo '(.*)' > %1$s.json; aws lambda invoke --region ${AWS::Region} --function-name ${%2$s} --payload fileb://%1$s.json /dev/stdout"
        .formatted(file, function);
  }

  /// The JSON between quotes in a command.
  private static JsonNode argument(String output, String form) throws IOException {
    String command = Template.brief(Template.section("Outputs").path(output).path("Value"));
    String[] around = form.split(Pattern.quote("(.*)"), -1);

    assertThat(command).startsWith(around[0]).endsWith(around[1]);
    return new ObjectMapper()
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .readTree(command.substring(around[0].length(), command.length() - around[1].length()));
  }
}
