/// Lambda, as far as Longhaul uses it: the real handlers are invoked with bytes, as the Lambda
/// runtime client invokes them, and the Invoke API answers as Lambda's does.
@NullMarked
package dev.longhaul.local.functions;

import org.jspecify.annotations.NullMarked;
