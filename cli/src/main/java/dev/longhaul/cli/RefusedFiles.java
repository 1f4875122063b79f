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

  /// Of all migrations of a call: names that are not there, or those of a circle.
  private static final Pattern DEPENDENCIES = Pattern.compile("depends_on: (.*)", Pattern.DOTALL);

  private static final Pattern MISSING =
      Pattern.compile("((?:\"[^\"]+\"(?:, )?)+) (?:is|are) (not registered .*)", Pattern.DOTALL);
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");
  private static final String CIRCLE = "goes round in a circle: ";

  private RefusedFiles() {}

  /// The refusal in terms of the files; the refusal itself where it speaks of something else.
  ///
  /// @param sent the migrations of the call, in its order
  static Failure of(Refusal refusal, List<MigrationFile> sent) {
    Matcher dependencies = DEPENDENCIES.matcher(refusal.getMessage());
    if (dependencies.matches()) {
      List<Problem> found = dependencies(dependencies.group(1), sent);
      return found.isEmpty() ? refusal : new InvalidMigrationFiles(found);
    }
    List<Problem> problems = new ArrayList<>();
    String message = COUNT.matcher(refusal.getMessage()).replaceFirst("");
    for (String problem : NEXT_PROBLEM.split(message, -1)) {
      Matcher matcher = PROBLEM.matcher(problem);
      if (!matcher.matches() || Integer.parseInt(matcher.group(1)) >= sent.size()) {
        return refusal;
      }
      String field = matcher.group(2) == null ? "" : matcher.group(2);
      problems.add(
          problem(
              sent.get(Integer.parseInt(matcher.group(1))),
              field,
              (field.isEmpty() ? "" : field + matcher.group(3) + ": ") + matcher.group(4)));
    }
    return new InvalidMigrationFiles(problems);
  }

  /// Each file with those of the missing names that it depends on itself; a circle at the file of
  /// its first link.
  private static List<Problem> dependencies(String message, List<MigrationFile> sent) {
    Matcher missing = MISSING.matcher(message);
    boolean isMissing = missing.matches();
    List<String> names =
        isMissing
            ? QUOTED.matcher(missing.group(1)).results().map(name -> name.group(1)).toList()
            : List.of();
    List<Problem> problems = new ArrayList<>();
    for (MigrationFile migration : sent) {
      List<String> own = new ArrayList<>();
      migration.payload().path("depends_on").forEach(name -> own.add(name.asText()));
      own.retainAll(names);
      if (!own.isEmpty()) {
        problems.add(
            problem(
                migration,
                "depends_on",
                "depends_on: \"%s\" %s %s"
                    .formatted(
                        String.join("\", \"", own),
                        own.size() == 1 ? "is" : "are",
                        missing.group(2))));
      } else if (!isMissing && message.startsWith(CIRCLE + migration.name() + " ")) {
        problems.add(problem(migration, "depends_on", "depends_on: " + message));
      }
    }
    return problems;
  }

  private static Problem problem(MigrationFile migration, String field, String message) {
    return new Problem(
        migration.file(),
        migration.lines().getOrDefault(field, 0),
        (migration.isAloneInFile() ? "" : "\"" + migration.name() + "\": ") + message);
  }
}
