package dev.longhaul.journal;

import dev.longhaul.database.Dialect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A statement of the journal with its parameters. The same text serves as a prepared statement
/// and, with literals, inside a unit that the server carries out by itself, where no parameters
/// exist.
public final class BoundSql {
  private final String sql;
  private final List<@Nullable Object> parameters;

  BoundSql(String sql, @Nullable Object... parameters) {
    this.sql = sql;
    this.parameters = Collections.unmodifiableList(new ArrayList<>(Arrays.asList(parameters)));
  }

  String sql() {
    return sql;
  }

  List<@Nullable Object> parameters() {
    return parameters;
  }

  /// The statement with its parameters written out. Its own text holds `?` for parameters only.
  public String inlined() {
    StringBuilder text = new StringBuilder();
    Iterator<@Nullable Object> values = parameters.iterator();
    for (int i = 0; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (c == '?') {
        text.append(literal(values.next()));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static String literal(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Number number -> number.toString();
      case Boolean truth -> truth.toString();
      default -> Dialect.literal(value.toString());
    };
  }
}
