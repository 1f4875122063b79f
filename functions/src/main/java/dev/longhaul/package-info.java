/// How the functions are put together: see [Longhaul].
@NullMarked
package dev.longhaul;

import org.jspecify.annotations.NullMarked;
