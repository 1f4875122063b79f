/// `bench/run proof`: checks what Longhaul promises for as long as it is given, and writes
/// `docs/proof.md`. A part that checks something more implements [Part] and is named in [Parts].
@NullMarked
package dev.longhaul.bench.proof;

import org.jspecify.annotations.NullMarked;
