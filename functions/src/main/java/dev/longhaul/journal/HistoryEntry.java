package dev.longhaul.journal;

import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One transition.
///
/// @param id unique in the journal; also deduplicates the event that tells of it
/// @param from null for the registration
public record HistoryEntry(
    long id,
    String migrationName,
    @Nullable MigrationStatus from,
    MigrationStatus to,
    Direction direction,
    int attempt,
    @Nullable String reason,
    @Nullable String requestedBy,
    Instant at) {}
