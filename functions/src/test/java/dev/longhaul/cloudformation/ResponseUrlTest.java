package dev.longhaul.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Stack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseUrlTest {
  private final Stack stack = new Stack();
  private final ObjectNode answer =
      JsonFunction.JSON.createObjectNode().put("Status", "FAILED").put("Reason", "because");

  @AfterEach
  void close() {
    stack.close();
  }

  private ResponseUrl url() {
    return ResponseUrl.of(stack.url(), true, Duration.ZERO);
  }

  @Test
  void putsAsTheSignatureWantsIt() {
    url().put(answer);

    assertThat(stack.puts).hasSize(1);
    Stack.Put put = stack.puts.getFirst();
    assertThat(put.method()).isEqualTo("PUT");
    assertThat(put.path()).isEqualTo("/answer?X-Amz-Signature=secret");
    assertThat(put.contentType()).isNull();
    assertThat(put.body()).isEqualTo(answer);
  }

  @Test
  void triesAgainAfterABrokenConnectionAndABusyServer() {
    stack.answerNext(0, 503, 429);

    url().put(answer);

    assertThat(stack.puts).hasSize(4).allMatch(put -> put.body().equals(answer));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 500})
  void failsInTheEndSoThatLambdaRepeatsTheRequest(int status) {
    stack.answerNext(status, status, status, status, status, status, status, status, status);

    assertThatThrownBy(() -> url().put(answer))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the answer did not reach CloudFormation")
        .satisfies(failure -> assertThat(trace(failure)).doesNotContain("secret"));
  }

  /// A signature that has run out will not be good again.
  @Test
  void triesNothingAgainThatIsForbidden() {
    stack.answerNext(403);

    assertThatThrownBy(() -> url().put(answer))
        .hasRootCauseMessage("CloudFormation's S3 answered HTTP status 403");
    assertThat(stack.puts).hasSize(1);
  }

  @Test
  void keepsToTheFourKilobytesThatCloudFormationTakes() {
    answer.put("Reason", "ü\"".repeat(5_000));

    url().put(answer);

    String body = stack.answer().toString();
    assertThat(body.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(2_000, 4_096);
    assertThat(body).contains("ü");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/a?b=c",
        "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/a",
        "https://s3.dualstack.us-east-1.amazonaws.com/a",
        "https://x.s3.cn-north-1.amazonaws.com.cn/a"
      })
  void callsAmazonsS3(String url) {
    assertThat(ResponseUrl.of(url, false, Duration.ZERO)).isNotNull();
  }

  /// Whoever may invoke a function in a VPC shall not reach what only the VPC does.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "...",
        "https://example.com/",
        "http://x.s3.amazonaws.com/",
        "https://x.s3.amazonaws.com.example.com/",
        "https://example.com/x.s3.amazonaws.com",
        "https://x.s3.amazonaws.com@example.com/",
        "http://169.254.169.254/latest",
        "http://127.0.0.1:9001/",
        "file:///etc/passwd"
      })
  void callsNothingElse(String url) {
    assertThatThrownBy(() -> ResponseUrl.of(url, false, Duration.ZERO))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("ResponseURL");
  }

  private static String trace(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }
}
