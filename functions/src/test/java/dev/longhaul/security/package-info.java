/// What `docs/security.md` promises, tried by somebody who means harm.
@NullMarked
package dev.longhaul.security;

import org.jspecify.annotations.NullMarked;
