/// Batched migrations: a table is cut into ranges of keys, and workers walk these in batches, each
/// of which moves its range's cursor in the transaction of its rows. Holds what walks, how large
/// the next batch is, and what slows it down; the cursors are the journal's.
@NullMarked
package dev.longhaul.batch;

import org.jspecify.annotations.NullMarked;
