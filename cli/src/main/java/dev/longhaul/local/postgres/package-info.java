/// A PostgreSQL server of the local stack's own: its programs are unpacked from the class path, its
/// data stay in the state directory, and a server that outlived its stack is taken over, not
/// killed.
@NullMarked
package dev.longhaul.local.postgres;

import org.jspecify.annotations.NullMarked;
