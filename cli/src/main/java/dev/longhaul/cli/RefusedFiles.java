package dev.longhaul.cli;

import dev.longhaul.cli.InvalidMigrationFiles.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// RegistrationFunction names what it refuses by its place in the call, `migrations[3].run_at`;
/// people know their files.
final class RefusedFiles {
  private static final Pattern COUNT = Pattern.compile("^\\d+ things are wrong: ");
  private static final Pattern PROBLEM =
      Pattern.compile("migrations\\[(\\d{1,9})](?:\\.(\\w+))?(\\S*): (.*)", Pattern.DOTALL);

  /// A problem's own text may hold a semicolon, but not this.
  private static final Pattern NEXT_PROBLEM = Pattern.compile("; (?=migrations\\[\\d+][.:])");

  private RefusedFiles() {}

  /// The refusal in terms of the files; the refusal itself where it speaks of something else.
  ///
  /// @param sent the migrations of the call, in its order
  static Failure of(Refusal refusal, List<MigrationFile> sent) {
    List<Problem> problems = new ArrayList<>();
    String message = COUNT.matcher(refusal.getMessage()).replaceFirst("");
    for (String problem : NEXT_PROBLEM.split(message, -1)) {
      Matcher matcher = PROBLEM.matcher(problem);
      if (!matcher.matches() || Integer.parseInt(matcher.group(1)) >= sent.size()) {
        return refusal;
      }
      MigrationFile migration = sent.get(Integer.parseInt(matcher.group(1)));
      String field = matcher.group(2) == null ? "" : matcher.group(2);
      problems.add(
          new Problem(
              migration.file(),
              migration.lines().getOrDefault(field, 0),
              (migration.isAloneInFile() ? "" : "\"" + migration.name() + "\": ")
                  + (field.isEmpty() ? "" : field + matcher.group(3) + ": ")
                  + matcher.group(4)));
    }
    return new InvalidMigrationFiles(problems);
  }
}
