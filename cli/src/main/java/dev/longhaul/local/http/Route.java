package dev.longhaul.local.http;

/// Answers the requests of one method whose path begins with a prefix.
@FunctionalInterface
public interface Route {
  Reply answer(Request request);
}
