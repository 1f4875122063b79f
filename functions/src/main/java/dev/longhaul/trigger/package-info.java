/// TriggerFunction: hands scheduled migrations to the queue, by name, all, or what is due; and the
/// sweep, which finds what has got lost.
@NullMarked
package dev.longhaul.trigger;

import org.jspecify.annotations.NullMarked;
