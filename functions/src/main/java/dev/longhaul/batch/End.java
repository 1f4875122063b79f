package dev.longhaul.batch;

import dev.longhaul.journal.Key;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// Why the workers of an attempt have stopped. All that they have done is committed, with its
/// cursors.
public sealed interface End {
  /// Every range is done.
  record Done() implements End {}

  /// A person asked for it.
  record Asked() implements End {}

  /// The function's time is up.
  record TimeUp() implements End {}

  /// The database needs a rest, or nobody can tell how it is.
  record Unhealthy(String reason) implements End {}

  /// The statement fails.
  ///
  /// @param key of the row that it fails at, where it is one
  record Failed(SQLException error, @Nullable Key key) implements End {}

  /// A connection is gone.
  record Lost(SQLException error) implements End {}

  /// Another attempt has the ranges.
  record TakenOver() implements End {}
}
