/// The packaged archive as Lambda runs it. Runs after the archive is built (`mvn verify`).
@NullMarked
package dev.longhaul.archive;

import org.jspecify.annotations.NullMarked;
