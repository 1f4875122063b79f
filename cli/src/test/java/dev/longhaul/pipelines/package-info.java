/// What docs/pipelines.md and the action tell people to do, done: their steps are read as data and
/// run by bash and the stock `aws` command against the local stack.
@NullMarked
package dev.longhaul.pipelines;

import org.jspecify.annotations.NullMarked;
