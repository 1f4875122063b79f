package dev.longhaul.execution;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.ErrorDetails;
import dev.longhaul.migration.MigrationStatus;
import java.sql.Connection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An error as the server has recorded it by itself, to be completed by a client that is still
/// there.
record ErrorReport(JournalEntry entry, JsonNode error) {
  static Optional<ErrorReport> of(JournalEntry entry) {
    JsonNode error = entry.meta().path("error");
    return error.isObject() ? Optional.of(new ErrorReport(entry, error)) : Optional.empty();
  }

  ErrorDetails complete(Connection connection) {
    String state = error.path("sqlstate").asText();
    String message = error.path("message").asText();
    int number = error.path("statement_number").asInt();
    // A deferred constraint fails at the end and not in a statement.
    String statement =
        number >= 1 && number <= entry.statements().size()
            ? entry.statements().get(number - 1)
            : null;
    return new ErrorDetails(
        state,
        message,
        text("detail"),
        text("hint"),
        statement == null ? null : Errors.position(connection, statement, state, message),
        statement == null ? null : Integer.valueOf(number),
        statement == null ? null : Errors.shortened(statement),
        entry.status() == MigrationStatus.STARTED
            ? Advice.whileItRetries(entry)
            : Advice.after(state, entry));
  }

  private @Nullable String text(String field) {
    return error.hasNonNull(field) ? error.path(field).asText() : null;
  }
}
