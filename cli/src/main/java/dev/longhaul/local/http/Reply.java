package dev.longhaul.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;

/// An HTTP response. A status without a body (204) has an empty array.
@SuppressWarnings("ArrayRecordComponent") // bytes pass through; nobody compares them
public record Reply(int status, Map<String, String> headers, byte[] body) {

  public static Reply json(int status, byte[] body) {
    return new Reply(status, Map.of("Content-Type", "application/json"), body);
  }

  public static Reply text(int status, String type, String body) {
    return new Reply(
        status, Map.of("Content-Type", type + "; charset=utf-8"), body.getBytes(UTF_8));
  }

  public Reply with(String header, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Reply(status, Map.copyOf(more), body);
  }
}
