package dev.longhaul.cli.demo;

import dev.longhaul.cli.Failure;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.ds.PGSimpleDataSource;

/// A database, as the functions' `DATABASE_URL` names it:
/// `postgresql://user:password@host:5432/db`.
record DatabaseUrl(String url) {
  /// Says "longhaul demo" in pg_stat_activity.
  Connection connect() throws SQLException {
    PGSimpleDataSource database = new PGSimpleDataSource();
    if (url.startsWith("jdbc:")) {
      database.setUrl(url);
    } else {
      apply(database);
    }
    database.setApplicationName("longhaul demo");
    return database.getConnection();
  }

  /// The driver takes user and password as properties, not as a part of the address.
  private void apply(PGSimpleDataSource database) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message would show the password.
      throw notAnAddress();
    }
    if (uri.getHost() == null) {
      throw notAnAddress();
    }
    database.setUrl(
        "jdbc:postgresql://%s%s%s%s"
            .formatted(
                uri.getHost(),
                uri.getPort() < 0 ? "" : ":" + uri.getPort(),
                uri.getRawPath(),
                uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()));
    if (uri.getRawUserInfo() != null) {
      String[] parts = uri.getRawUserInfo().split(":", 2);
      database.setUser(decode(parts[0]));
      if (parts.length > 1) {
        database.setPassword(decode(parts[1]));
      }
    }
  }

  private static Failure notAnAddress() {
    return new Failure(
        Failure.USAGE,
        "the database's address must be like postgresql://user:password@host:5432/db");
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /// Without the password.
  @Override
  public String toString() {
    return "DatabaseUrl";
  }
}
