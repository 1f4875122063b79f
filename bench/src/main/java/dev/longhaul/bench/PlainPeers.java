package dev.longhaul.bench;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/// What people write by hand.
final class PlainPeers {
  static final String UPDATE = "one UPDATE";
  private static final String SQL = "update account set n = " + BatchTable.EXPRESSION;
  private static final int BATCH = 1000;

  private PlainPeers() {}

  /// By psql, or by JDBC where there is none.
  static BatchPeer update() {
    Optional<Path> psql = Programs.find("psql");
    return new Named(
        UPDATE,
        database ->
            () -> {
              if (psql.isPresent()) {
                Programs.run(
                    Project.target(),
                    Programs.login(database),
                    psql.get().toString(),
                    "-X",
                    "-q",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-c",
                    SQL);
              } else {
                database.execute(SQL);
              }
            });
  }

  /// Batches of 1,000 rows by the key, each its own transaction, one after the other.
  static BatchPeer loop() {
    return new Named("loop by key, 1,000 rows", database -> () -> loop(database));
  }

  /// The same loop in a procedure that commits, without a round trip between its batches.
  static BatchPeer procedure() {
    return new Named(
        "procedure, 1,000 rows",
        database -> {
          database.execute(
              """
              create procedure walk() language plpgsql as $$
              declare
                position bigint := 0;
              begin
                while position is not null loop
                  with batch as (
                    select id from account where id > position order by id limit %d
                  ), updated as (
                    update account set n = account.id %% 1000 + 1
                    from batch where account.id = batch.id returning account.id
                  )
                  select max(id) into position from updated;
                  commit;
                end loop;
              end $$
              """
                  .formatted(BATCH));
          return () -> database.execute("call walk()");
        });
  }

  private static void loop(Database database) throws SQLException {
    try (var connection = database.connect();
        var batch =
            connection.prepareStatement(
                """
                with batch as (
                  select id from account where id > ? order by id limit %d
                ), updated as (
                  update account set n = account.id %% 1000 + 1
                  from batch where account.id = batch.id returning account.id
                )
                select max(id) from updated
                """
                    .formatted(BATCH))) {
      var last = 0L;
      while (true) {
        batch.setLong(1, last);
        try (var row = batch.executeQuery()) {
          row.next();
          last = row.getLong(1);
          if (row.wasNull()) {
            return;
          }
        }
      }
    }
  }

  @FunctionalInterface
  private interface Preparation {
    BatchPeer.Work prepare(Database database) throws SQLException;
  }

  private record Named(String name, Preparation preparation) implements BatchPeer {
    @Override
    public Work prepare(Database database) throws SQLException {
      return preparation.prepare(database);
    }
  }
}
