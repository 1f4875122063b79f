package dev.longhaul.execution;

import dev.longhaul.database.SqlState;
import dev.longhaul.journal.JournalEntry;

/// What to do next about an error: the last sentence of every error message.
final class Advice {
  private Advice() {}

  /// After an error that Longhaul answers by itself with another attempt.
  static String whileItRetries(JournalEntry entry) {
    return "Nothing: it is tried again by itself, up to %d times in all."
        .formatted(entry.migration().maxAttempts());
  }

  /// After an error in a statement that may have committed part of its work by itself.
  static String afterPartOfStatement(int number, JournalEntry entry) {
    return ("Outcome unknown: statement %d commits by itself, so part of its work may stand. Check"
            + " by hand. To run it again as a whole: %s; to go on behind it: %s --done; to"
            + " undo: %s")
        .formatted(
            number, command("retry", entry), command("resolve", entry), command("rollback", entry));
  }

  /// Everything before the row that failed is committed and is not done again.
  static String afterBatch(JournalEntry entry) {
    return "The batches before are committed and will not run again. Mend the row or the cause, then go on from there: %s; or register with \"on_row_error\": \"skip\" to pass over such rows"
        .formatted(command("retry", entry));
  }

  static String aroundThePooler(JournalEntry entry) {
    return whatIsApplied(entry)
        + "Give the target the address of the writer itself, where a statement may take as long as"
        + " it likes, then retry it: "
        + command("retry", entry);
  }

  /// A command to copy into a shell, whatever the name holds.
  static String command(String action, JournalEntry entry) {
    String name = entry.name();
    boolean plain = name.matches("[A-Za-z0-9_./:@+][A-Za-z0-9_./:@+-]*");
    return "longhaul " + action + " " + (plain ? name : "'" + name.replace("'", "'\\''") + "'");
  }

  static String after(String sqlState, JournalEntry entry) {
    String retry = "then retry it: " + command("retry", entry);
    String state = whatIsApplied(entry);
    if (sqlState.equals(SqlState.LOCK_NOT_AVAILABLE)) {
      return state
          + "The table stayed locked by others through every attempt. Retry at a quieter time, or"
          + " find the blocker with pg_blocking_pids, "
          + retry;
    }
    if (sqlState.equals(SqlState.INSUFFICIENT_PRIVILEGE)) {
      return state + "Grant what is missing to the role that runs migrations, " + retry;
    }
    if (sqlState.equals(SqlState.QUERY_CANCELED)) {
      return state
          + "Another session, or a statement_timeout in the script, has cancelled the statement. If"
          + " that was a mistake, "
          + retry;
    }
    if (sqlState.equals(SqlState.DUPLICATE_TABLE)) {
      return state
          + "The name is taken. If what has it is in the way, rename or drop it, "
          + retry
          + ". If it is what this statement would make, register the rest of the script under a new"
          + " name, or all of it with \"if not exists\"";
    }
    if (sqlState.startsWith("23")) {
      return state + "Mend the rows that the error names, " + retry;
    }
    if (sqlState.startsWith("42")) {
      return state
          + "The SQL does not fit this database. Correct it and register it under a new name; or"
          + " change the database, "
          + retry;
    }
    return state + "Mend the cause, " + retry;
  }

  private static String whatIsApplied(JournalEntry entry) {
    int done = entry.steps().done();
    return done == 0
        ? "Nothing of the script is applied. "
        : "The first %d of %d statements are applied and will not run again. "
            .formatted(done, entry.steps().total());
  }
}
