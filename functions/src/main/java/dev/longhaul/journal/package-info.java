/// Longhaul's own tables in the target, and all SQL that touches them. The journal is the truth: a
/// queue message only hints that there is work, so what the journal says is written first.
@NullMarked
package dev.longhaul.journal;

import org.jspecify.annotations.NullMarked;
