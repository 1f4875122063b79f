package dev.longhaul.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A database's address in libpq's form,
/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>, with one
/// host. `java.net.URI` will not do: it knows no host with an underscore, and Docker's networks do.
final class DatabaseUri {
  private static final Pattern FORM =
      Pattern.compile(
          "postgres(?:ql)?://(?:(?<user>[^@:/?#\\s]*)(?::(?<password>[^@/?#\\s]*))?@)?"
              + "(?<host>\\[[0-9a-fA-F:.]+\\]|[^:/?#\\[\\]@,\\s]+)(?::(?<port>\\d{1,5}))?"
              + "(?:/(?<database>[^?#]*))?(?:\\?(?<query>[^#]*))?");

  private DatabaseUri() {}

  /// The driver's properties; null if the text is no such address.
  static @Nullable Properties parse(String text) {
    Matcher uri = FORM.matcher(text);
    if (!uri.matches()) {
      return null;
    }
    String port = uri.group("port") == null ? "5432" : uri.group("port");
    if (!Targets.isPort(Integer.parseInt(port))) {
      return null;
    }
    Properties properties = new Properties();
    properties.setProperty("PGHOST", uri.group("host"));
    properties.setProperty("PGPORT", port);
    try {
      put(properties, "user", uri.group("user"));
      put(properties, "password", uri.group("password"));
      // A database that is not named is the user's, which the driver assumes; or the secret's.
      put(properties, "PGDBNAME", uri.group("database"));
      String query = uri.group("query") == null ? "" : uri.group("query");
      for (String parameter : query.split("&", -1)) {
        int equals = parameter.indexOf('=');
        if (equals > 0) {
          properties.setProperty(
              decode(parameter.substring(0, equals)), decode(parameter.substring(equals + 1)));
        }
      }
    } catch (IllegalArgumentException e) {
      // A percent sign that begins no escape; the message would quote it.
      return null;
    }
    return properties;
  }

  private static void put(Properties properties, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      properties.setProperty(key, decode(value));
    }
  }

  /// In a URI, unlike in a form, `+` stands for itself.
  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
