/// EventBridge, as far as Longhaul uses it: events are matched with AWS's own event-ruler,
/// schedules run, rules can be switched, and the JSON protocol is that of the AWS SDKs and the
/// `aws` command.
@NullMarked
package dev.longhaul.local.events;

import org.jspecify.annotations.NullMarked;
