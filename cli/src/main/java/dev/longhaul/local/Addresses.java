package dev.longhaul.local;

import java.net.URI;

/// Where a running stack serves.
///
/// @param endpoint of Lambda's and EventBridge's APIs
/// @param databaseUrl with user and password
public record Addresses(URI endpoint, URI queueEndpoint, String queueUrl, String databaseUrl) {

  /// A database's address to show to others.
  static String withoutPassword(String databaseUrl) {
    return databaseUrl
        .replaceFirst("(//[^:/@]*):[^/]*@", "$1:***@")
        .replaceFirst("([?&]password=)[^&]*", "$1***");
  }
}
