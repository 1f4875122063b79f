/// The one HTTP server of the local stack, bound to loopback, and the requests and replies that its
/// routes exchange.
@NullMarked
package dev.longhaul.local.http;

import org.jspecify.annotations.NullMarked;
