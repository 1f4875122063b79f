/// Targets: where a migration's database is, how to log in, and connections that are set up for
/// work that may take hours. No pool: a session is a lease, and it ends with its connection.
@NullMarked
package dev.longhaul.database;

import org.jspecify.annotations.NullMarked;
