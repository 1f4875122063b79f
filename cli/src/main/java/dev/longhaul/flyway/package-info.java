/// For projects that already have Flyway: a Java migration that registers its SQL with Longhaul
/// instead of running it. Packed as a jar of its own, with the classes that call the functions.
@NullMarked
package dev.longhaul.flyway;

import org.jspecify.annotations.NullMarked;
