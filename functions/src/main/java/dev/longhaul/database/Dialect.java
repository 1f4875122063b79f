package dev.longhaul.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Utils;

/// What differs between the two databases that can hold a journal. Everything else in the journal's
/// SQL is common to both.
public enum Dialect {
  POSTGRESQL {
    @Override
    public String sql(String common) {
      return common;
    }

    // Not now(), which is when the transaction began: that may be hours ago.
    @Override
    public String now() {
      return "pg_catalog.clock_timestamp()";
    }

    @Override
    public String nowPlusSeconds(String seconds) {
      return now() + " + pg_catalog.make_interval(secs => " + seconds + ")";
    }

    @Override
    public String secondsSince(String column) {
      return "extract(epoch from " + now() + " - " + column + ")";
    }

    @Override
    public Object timestamp(Instant instant) {
      return instant.atOffset(ZoneOffset.UTC);
    }

    @Override
    public @Nullable Instant instant(ResultSet row, String column) throws SQLException {
      OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
      return time == null ? null : time.toInstant();
    }
  },

  /// Times are UTC text to the second, as SQLite's `current_timestamp` writes them.
  SQLITE {
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    @Override
    public String sql(String common) {
      return common.replace("longhaul.", "longhaul_");
    }

    @Override
    public String now() {
      return "current_timestamp";
    }

    @Override
    public String nowPlusSeconds(String seconds) {
      return "datetime('now', (" + seconds + ") || ' seconds')";
    }

    @Override
    public String secondsSince(String column) {
      return "(unixepoch('now') - unixepoch(" + column + "))";
    }

    @Override
    public Object timestamp(Instant instant) {
      return TIME.format(instant.atOffset(ZoneOffset.UTC));
    }

    @Override
    public @Nullable Instant instant(ResultSet row, String column) throws SQLException {
      String time = row.getString(column);
      return time == null ? null : LocalDateTime.parse(time, TIME).toInstant(ZoneOffset.UTC);
    }
  };

  /// The common SQL in this dialect. SQLite has no schemas, so there the journal's tables carry the
  /// schema's name as a prefix: `longhaul_async_migration`.
  public abstract String sql(String common);

  /// An expression for the database's own time, as it is when the statement runs.
  public abstract String now();

  /// An expression for the database's own time in `seconds` (an expression) from now.
  public abstract String nowPlusSeconds(String seconds);

  public abstract String secondsSince(String column);

  /// A time as a parameter for a statement.
  public abstract Object timestamp(Instant instant);

  public abstract @Nullable Instant instant(ResultSet row, String column) throws SQLException;

  /// A string literal, for the statements that PostgreSQL takes no parameters in (`do`).
  public static String literal(String text) {
    try {
      return "'" + Utils.escapeLiteral(null, text, true) + "'";
    } catch (SQLException e) {
      throw new IllegalArgumentException("holds a NUL character, which no SQL text can", e);
    }
  }

  public static String identifier(String name) {
    try {
      return Utils.escapeIdentifier(null, name).toString();
    } catch (SQLException e) {
      throw new IllegalArgumentException("holds a NUL character, which no name can", e);
    }
  }
}
