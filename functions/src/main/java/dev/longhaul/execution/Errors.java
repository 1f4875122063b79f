package dev.longhaul.execution;

import dev.longhaul.database.SqlState;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.ErrorDetails;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// Turns what the driver throws into what people read.
final class Errors {
  private static final int LONGEST_STATEMENT = 1000;

  private Errors() {}

  static ErrorDetails of(SQLException e, JournalEntry entry, int index) {
    return of(e, entry, index, Advice.after(SqlState.of(e), entry));
  }

  static ErrorDetails of(SQLException e, JournalEntry entry, int index, String next) {
    String state = SqlState.of(e);
    @Nullable ServerErrorMessage server =
        e instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
    return new ErrorDetails(
        state,
        message(e, server),
        server == null ? null : server.getDetail(),
        server == null ? null : server.getHint(),
        server == null || server.getPosition() == 0 ? null : server.getPosition(),
        index + 1,
        shortened(entry.statements().get(index)),
        next);
  }

  static ErrorDetails ours(String message, JournalEntry entry, int index, String next) {
    return new ErrorDetails(
        "XX000",
        message,
        null,
        null,
        null,
        index + 1,
        shortened(entry.statements().get(index)),
        next);
  }

  /// A unique index that could not be built.
  static ErrorDetails duplicateKey(String key, JournalEntry entry) {
    int index = entry.steps().done();
    return new ErrorDetails(
        "23505",
        "could not create the unique index: the table holds duplicates",
        key,
        null,
        null,
        index + 1,
        shortened(entry.statements().get(index)),
        Advice.after("23505", entry));
  }

  static String shortened(String statement) {
    return statement.length() <= LONGEST_STATEMENT
        ? statement
        : statement.substring(0, LONGEST_STATEMENT) + "…";
  }

  /// Where in `statement` the error lies, which a unit that catches its errors in the server cannot
  /// tell: has the server parse the statement alone, without running it, and takes the position if
  /// the same error comes. Null where it does not.
  static @Nullable Integer position(
      Connection connection, String statement, String sqlState, String message) {
    if (!sqlState.startsWith("42")) {
      return null;
    }
    try (PreparedStatement parsed = connection.prepareStatement(statement)) {
      parsed.getMetaData();
      return null;
    } catch (PSQLException e) {
      @Nullable ServerErrorMessage server = e.getServerErrorMessage();
      boolean same =
          server != null
              && sqlState.equals(server.getSQLState())
              && message.equals(server.getMessage());
      return same && server.getPosition() > 0 ? server.getPosition() : null;
    } catch (SQLException e) {
      return null;
    }
  }

  private static String message(SQLException e, @Nullable ServerErrorMessage server) {
    if (server != null && server.getMessage() != null) {
      return server.getMessage();
    }
    return e.getMessage() == null ? "the driver gives no message" : e.getMessage();
  }
}
