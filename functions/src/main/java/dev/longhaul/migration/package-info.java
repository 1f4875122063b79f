/// The domain: a migration, its status and the transitions between statuses. Imports nothing else
/// of ours.
@NullMarked
package dev.longhaul.migration;

import org.jspecify.annotations.NullMarked;
