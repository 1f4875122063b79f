/// ControlFunction: shows migrations and steers them. [Control] decides what an action means for a
/// migration in its present status; [StatusView] is what callers see.
@NullMarked
package dev.longhaul.control;

import org.jspecify.annotations.NullMarked;
