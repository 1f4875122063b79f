package dev.longhaul.journal;

import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Registers migrations in one journal. Inside [JournalConnection#inTransaction]: all, or none.
public final class Registrar {
  /// @param entry as the journal has it now
  /// @param created whether this call recorded it
  public record Registered(JournalEntry entry, boolean created) {}

  private final Journal journal;

  public Registrar(Journal journal) {
    this.journal = journal;
  }

  /// @param initialStatus the status of a migration that is new
  /// @throws Refusal `InvalidMigration` for a dependency that nobody knows, `MigrationConflict` for
  ///   a name that is taken by other SQL
  public List<Registered> register(
      List<Migration> migrations, Function<Migration, MigrationStatus> initialStatus) {
    requireKnownDependencies(migrations);
    // By name, so that two calls that register the same migrations at once do not deadlock.
    List<Migration> sorted =
        migrations.stream().sorted(Comparator.comparing(Migration::name)).toList();
    Map<Migration, MigrationStatus> rows = new LinkedHashMap<>();
    sorted.forEach(migration -> rows.put(migration, initialStatus.apply(migration)));
    List<Boolean> inserted = journal.insert(rows);
    Map<String, Boolean> created = new HashMap<>();
    for (int i = 0; i < sorted.size(); i++) {
      created.put(sorted.get(i).name(), inserted.get(i));
    }
    List<Registered> registered = new ArrayList<>();
    for (Migration migration : migrations) {
      JournalEntry entry = journal.find(migration.name()).orElseThrow();
      requireSame(migration, entry);
      registered.add(new Registered(entry, created.getOrDefault(migration.name(), false)));
    }
    return registered;
  }

  private void requireKnownDependencies(List<Migration> migrations) {
    Set<String> wanted = new TreeSet<>();
    migrations.forEach(migration -> wanted.addAll(migration.dependsOn()));
    migrations.forEach(migration -> wanted.remove(migration.name()));
    wanted.removeAll(journal.statuses(wanted).keySet());
    if (!wanted.isEmpty()) {
      throw Refusal.invalid(
          "depends_on: %s not registered in target \"%s\" and not part of this call: register them first, or in the same call"
              .formatted(
                  wanted.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "))
                      + (wanted.size() == 1 ? " is" : " are"),
                  journal.target()));
    }
  }

  private void requireSame(Migration migration, JournalEntry entry) {
    if (!entry.checksum().equals(migration.checksum())) {
      throw Refusal.conflict(
          "migration_name: \"%s\" is registered in target \"%s\" with other SQL (status %s): give the changed migration a new name"
              .formatted(entry.name(), journal.target(), entry.status()));
    }
  }
}
