/// How a database bears the work beside its traffic: signals read from its own statistics, limits
/// for each, and the pace that follows from the worst of them. What cannot be read stops the work
/// rather than being guessed.
@NullMarked
package dev.longhaul.health;

import org.jspecify.annotations.NullMarked;
