/// The real functions on a real PostgreSQL, whose every round trip waits for a scheduler that goes
/// by a seed: so it is chosen, and not left to chance, what happens between any two steps.
@NullMarked
package dev.longhaul.simulation;

import org.jspecify.annotations.NullMarked;
