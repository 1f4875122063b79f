/// ExecutorFunction: claims a migration, runs its script, and records how that ended. [Executor] is
/// the main path; [ScriptRun] runs a script on PostgreSQL, [SqliteRun] on SQLite.
@NullMarked
package dev.longhaul.execution;

import org.jspecify.annotations.NullMarked;
