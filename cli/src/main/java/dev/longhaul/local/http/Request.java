package dev.longhaul.local.http;

import com.sun.net.httpserver.Headers;
import java.util.Optional;

/// An HTTP request, read to its end.
///
/// @param path as sent, still percent-encoded, without the query
@SuppressWarnings("ArrayRecordComponent") // bytes pass through; nobody compares them
public record Request(String method, String path, Headers headers, byte[] body) {

  /// The first value of a header, whose name is in any case.
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.getFirst(name));
  }
}
