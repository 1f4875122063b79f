/// The EventBridge edge: events that tell of transitions, and the rule that wakes the sweep.
@NullMarked
package dev.longhaul.event;

import org.jspecify.annotations.NullMarked;
