/// A function as Lambda runs it: in a JVM of its own, under Lambda's runtime client, which talks to
/// a Runtime API. What the tests in one JVM cannot show is shown here: the packaged archive, the
/// environment, function errors on the wire, kills and freezes.
@NullMarked
package dev.longhaul.testing.lambda;

import org.jspecify.annotations.NullMarked;
