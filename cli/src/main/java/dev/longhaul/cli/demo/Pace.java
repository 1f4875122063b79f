package dev.longhaul.cli.demo;

import java.time.Duration;

/// How long the demo waits for what.
///
/// @param poll between two looks at the statuses
/// @param repeat before a step that had no effect is taken once more
/// @param lockHeld how long a table stays locked after a migration's first attempt to get it
/// @param traffic how long the product writes beside a batched migration
/// @param outage how long the functions or the database may be away; also how long the lock waits
///   for that first attempt
/// @param limit of the whole
record Pace(
    Duration poll,
    Duration repeat,
    Duration lockHeld,
    Duration traffic,
    Duration outage,
    Duration limit) {
  static Pace within(Duration limit) {
    return new Pace(
        Duration.ofMillis(250),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Duration.ofSeconds(6),
        Duration.ofMinutes(2),
        limit);
  }
}
