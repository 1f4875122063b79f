package dev.longhaul.health;

import org.jspecify.annotations.Nullable;

/// One row of the query for all signals. What its columns mean is up to the signal's probe.
record Row(
    String signal,
    @Nullable String subject,
    @Nullable Double first,
    @Nullable Double second,
    @Nullable Double third) {}
