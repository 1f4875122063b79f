/// What the tests run on: a real PostgreSQL, a real SQS, and the functions as Lambda calls them.
@NullMarked
package dev.longhaul.testing;

import org.jspecify.annotations.NullMarked;
