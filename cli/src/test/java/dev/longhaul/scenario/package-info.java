/// Scenarios across the services that Longhaul lives on: its real functions and a real PostgreSQL
/// against any AWS-shaped endpoint, over a network that can be broken. Where they run, and what
/// they skip where: docs/testing.md.
@NullMarked
package dev.longhaul.scenario;

import org.jspecify.annotations.NullMarked;
