/// The SQS edge: pointers to work, never SQL.
@NullMarked
package dev.longhaul.queue;

import org.jspecify.annotations.NullMarked;
