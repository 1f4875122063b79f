package dev.longhaul.cli.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the scenario must leave behind: a status for every migration, and facts that the database
/// itself has to confirm.
///
/// @param statuses by name of the migration, in the order of registration
public record ExpectedEndState(Map<String, String> statuses, List<Fact> facts) {
  /// A question to the database.
  ///
  /// @param says what holds when the query answers as expected
  /// @param query of one row with one column
  public record Fact(String says, String query, String expected) {}

  /// What was found instead.
  ///
  /// @param found the value, or the database's complaint about the query
  public record Difference(Fact fact, String found) {}

  /// Statuses come from a resource beside the files; numbers follow from the rows.
  ///
  /// @param rows of the sample, as in [Sample#load]
  public static ExpectedEndState load(int rows) {
    Map<String, String> statuses = new LinkedHashMap<>();
    for (String line : Sample.resource("end-state.txt").lines().toList()) {
      int space = line.indexOf(' ');
      statuses.put(line.substring(0, space), line.substring(space + 1));
    }
    return new ExpectedEndState(Collections.unmodifiableMap(statuses), Facts.of(rows));
  }

  public List<Difference> differences(Connection connection) throws SQLException {
    List<Difference> differences = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      for (Fact fact : facts) {
        String found = value(statement, fact.query());
        if (!found.equals(fact.expected())) {
          differences.add(new Difference(fact, found));
        }
      }
    }
    return List.copyOf(differences);
  }

  private static String value(Statement statement, String query) throws SQLException {
    try (ResultSet result = statement.executeQuery(query)) {
      return result.next() ? String.valueOf(result.getString(1)) : "no row";
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (state.startsWith("42")) {
        // A table, column or function that should be there is not.
        return state + " " + e.getMessage();
      }
      throw e;
    }
  }
}
