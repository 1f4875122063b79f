package dev.longhaul.journal;

import dev.longhaul.database.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A connection that speaks the journal's SQL in the target's dialect.
///
/// @param connection in autocommit, unless [#inTransaction] is at work
public record JournalConnection(Connection connection, Dialect dialect) {

  /// Reads one value or record from the current row.
  @FunctionalInterface
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  int update(String sql, @Nullable Object... parameters) {
    return update(new BoundSql(sql, parameters));
  }

  int update(BoundSql sql) {
    try (PreparedStatement statement = prepare(sql)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new JournalFailure(e);
    }
  }

  <T> List<T> query(RowReader<T> reader, String sql, @Nullable Object... parameters) {
    try (PreparedStatement statement = prepare(new BoundSql(sql, parameters));
        ResultSet rows = statement.executeQuery()) {
      List<T> result = new ArrayList<>();
      while (rows.next()) {
        result.add(reader.read(rows));
      }
      return result;
    } catch (SQLException e) {
      throw new JournalFailure(e);
    }
  }

  <T> Optional<T> first(RowReader<T> reader, String sql, @Nullable Object... parameters) {
    return query(reader, sql, parameters).stream().findFirst();
  }

  /// Runs `work` in one transaction; nothing of it remains if it throws.
  public <T> T inTransaction(Supplier<T> work) {
    try {
      connection.setAutoCommit(false);
      try {
        T result = work.get();
        connection.commit();
        return result;
      } finally {
        // After a commit there is nothing left to roll back.
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw new JournalFailure(e);
    }
  }

  PreparedStatement prepare(BoundSql sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(dialect.sql(sql.sql()));
    try {
      int index = 1;
      for (Object parameter : sql.parameters()) {
        statement.setObject(index++, parameter);
      }
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }
}
