/// The local stack: the real functions with an HTTP front that speaks Lambda's and EventBridge's
/// protocols, a queue server and a PostgreSQL, in one process and one directory.
@NullMarked
package dev.longhaul.local;

import org.jspecify.annotations.NullMarked;
