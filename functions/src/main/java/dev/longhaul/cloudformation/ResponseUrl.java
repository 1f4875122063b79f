package dev.longhaul.cloudformation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Refusal;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Where CloudFormation waits for an answer: an address in S3 that is signed for one PUT. It is a
/// secret, so it stands in no log and no error.
public final class ResponseUrl {
  private static final Pattern S3 =
      Pattern.compile("(?:[a-z0-9.-]+\\.)?s3[a-z0-9.-]*\\.amazonaws\\.com(?:\\.cn)?");
  private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "localhost");

  private static final int ATTEMPTS = 5;
  private static final int TIMEOUT_MILLIS = 5_000;

  /// In bytes, CloudFormation's limit.
  private static final int LONGEST_ANSWER = 4096;

  private final URI url;
  private final Duration pause;

  private ResponseUrl(URI url, Duration pause) {
    this.url = url;
    this.pause = pause;
  }

  /// @param local whether it may be on this machine, where there is no AWS. Otherwise it must be
  ///   Amazon's: who may invoke a function shall not make it call what only it can reach
  /// @throws Refusal `InvalidMigration`
  public static ResponseUrl of(CustomResource resource, boolean local) {
    return of(resource.event().path("ResponseURL").asText(), local, Duration.ofSeconds(1));
  }

  static ResponseUrl of(String text, boolean local, Duration pause) {
    try {
      URI url = new URI(text);
      String host = String.valueOf(url.getHost());
      boolean amazons = "https".equals(url.getScheme()) && S3.matcher(host).matches();
      boolean ours = local && "http".equals(url.getScheme()) && THIS_MACHINE.contains(host);
      if (amazons || ours) {
        return new ResponseUrl(url, pause);
      }
    } catch (URISyntaxException e) {
      // No address at all is none of Amazon's either.
    }
    throw Refusal.invalid("ResponseURL: must be an address of Amazon S3, as CloudFormation has it");
  }

  /// Without an answer the stack hangs for an hour: so it is tried again, with growing pauses, and
  /// in the end fails, upon which Lambda repeats the whole request, two more times.
  ///
  /// @throws IllegalStateException if nobody has taken the answer
  public void put(ObjectNode answer) {
    byte[] body = body(answer);
    IllegalStateException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) {
        pause(pause.multipliedBy(1L << (attempt - 1)));
      }
      try {
        int status = put(body);
        if (status < 300) {
          return;
        }
        last = new IllegalStateException("CloudFormation's S3 answered HTTP status " + status);
        if (status < 500 && status != 429) {
          break;
        }
      } catch (IOException e) {
        // Its message may hold the address, but not the signature, which is in the query.
        last = new IllegalStateException("CloudFormation's S3 could not be reached", e);
      }
      Log.warn("no answer to CloudFormation yet", Map.of("attempt", attempt + 1));
    }
    throw new IllegalStateException("the answer did not reach CloudFormation", last);
  }

  /// Without a content type: the signature covers none, and `HttpURLConnection` adds none to a PUT.
  private int put(byte[] body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    try {
      connection.setRequestMethod("PUT");
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      try (OutputStream output = connection.getOutputStream()) {
        output.write(body);
      }
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  private static byte[] body(ObjectNode answer) {
    byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
    while (body.length > LONGEST_ANSWER && answer.path("Reason").asText().length() > 1) {
      String reason = answer.path("Reason").asText();
      answer.put("Reason", reason.substring(0, reason.length() * 3 / 4));
      body = answer.toString().getBytes(StandardCharsets.UTF_8);
    }
    return body;
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while answering CloudFormation", e);
    }
  }
}
