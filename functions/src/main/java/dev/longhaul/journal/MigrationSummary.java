package dev.longhaul.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a list shows of a migration: all but its SQL, which may be megabytes.
///
/// @param meta a copy, free to be changed
/// @param nextLook when the sweep, or an executor, looks at it again
public record MigrationSummary(
    String name,
    MigrationStatus status,
    Direction direction,
    int attempt,
    ObjectNode meta,
    JournalEntry.Steps steps,
    @Nullable MigrationStatus stopRequested,
    JournalEntry.Run run,
    @Nullable Instant runAt,
    @Nullable Instant notBefore,
    @Nullable Instant nextLook,
    JournalEntry.Times times) {}
