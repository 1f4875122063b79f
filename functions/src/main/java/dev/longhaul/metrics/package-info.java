/// What CloudWatch counts: metrics written as log lines in the embedded metric format, so that
/// neither an endpoint nor a permission is needed.
@NullMarked
package dev.longhaul.metrics;

import org.jspecify.annotations.NullMarked;
