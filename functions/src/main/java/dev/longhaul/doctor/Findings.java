package dev.longhaul.doctor;

import dev.longhaul.doctor.Doctor.User;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// What was found of one target, as one user of its database.
final class Findings {
  private final String target;
  private final User user;
  private final List<Finding> all = new ArrayList<>();

  Findings(String target, User user) {
    this.target = target;
    this.user = user;
  }

  List<Finding> all() {
    return List.copyOf(all);
  }

  private String name(String check) {
    return switch (user) {
      case REGISTRAR -> check;
      case RUNNER -> "runner's " + check;
    };
  }

  void ok(String check, String text) {
    all.add(Finding.ok(name(check), target, text));
  }

  void warn(String check, String text, String mend) {
    all.add(Finding.warn(name(check), target, text, mend));
  }

  void fail(String check, String text, String mend) {
    all.add(Finding.fail(name(check), target, text, mend));
  }

  /// The first row of an answer, as text.
  static List<String> row(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      if (row.next()) {
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          values.add(String.valueOf(row.getString(i)));
        }
      }
      return values;
    }
  }
}
