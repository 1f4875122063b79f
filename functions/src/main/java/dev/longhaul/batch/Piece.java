package dev.longhaul.batch;

import dev.longhaul.journal.Key;
import dev.longhaul.journal.Range;
import org.jspecify.annotations.Nullable;

/// What the next transaction has to do.
///
/// @param condition what selects its rows; null where there are none, and only the cursor moves
/// @param only the key, where the piece has just one
/// @param rows how many rows it has, as far as that is known
/// @param stripe of a window, from 0; -1 for a piece that takes all its rows
/// @param after the range behind it
record Piece(@Nullable String condition, @Nullable Key only, long rows, int stripe, Range after) {}
