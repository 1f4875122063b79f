package dev.longhaul.testing;

import dev.longhaul.migration.MigrationStatus;

/// Brings migrations into any status, by the functions' own ways where these lead there without an
/// executor that is at work.
public final class Statuses {
  private Statuses() {}

  /// Registers a migration that creates the table `name`, and brings it into `status`.
  public static void bring(Fixture longhaul, String name, MigrationStatus status) {
    longhaul.register(
        Fixture.migration(
                name,
                status == MigrationStatus.ERROR
                    ? "insert into missing_%s values (1)".formatted(name)
                    : "create table %s (n int)".formatted(name),
                "drop table " + name)
            .put("execute_immediately", status != MigrationStatus.SCHEDULED)
            .toString());
    switch (status) {
      case SCHEDULED, STARTED -> {}
      case IN_PROGRESS -> claimAndVanish(longhaul, name);
      case FINISHED, ERROR -> longhaul.executeUntil(name, status.label());
      case PAUSED -> longhaul.control("pause", name);
      case CANCELLED -> longhaul.control("cancel", name);
      case ROLLED_BACK -> longhaul.control("rollback", name);
    }
    longhaul.queue.drain();
  }

  /// As an executor leaves it that dies before its first statement.
  public static void claimAndVanish(Fixture longhaul, String name) {
    longhaul.database.execute(
        """
        update longhaul.async_migration set
          status = 'IN PROGRESS', attempt = attempt + 1, backend_pid = 2000000000,
          backend_start = now(), started_at = now(), next_look_at = now(), changed_at = now(),
          change_reason = 'begun'
        where name = '%s'
        """
            .formatted(name));
  }
}
