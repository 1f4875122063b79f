/// Structured logs.
@NullMarked
package dev.longhaul.logging;

import org.jspecify.annotations.NullMarked;
