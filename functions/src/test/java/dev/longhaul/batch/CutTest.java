package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where a table is cut, so that workers have about as much to do each.
class CutTest {
  private static final int ROWS = 40_000;

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  private void run(String table, String key) {
    ObjectNode migration =
        Fixture.migration("cut", "update %s set n = n + 1 where :batch".formatted(table), "");
    migration.putObject("batch").put("table", table).put("key", key).put("parallelism", 3);
    fixture.register(migration.toString());
    fixture.executeUntil("cut", "FINISHED");
    assertThat(
            fixture.database.query(
                "select n || ' ' || count(*) from %s group by n".formatted(table)))
        .containsExactly("1 " + ROWS);
  }

  private void assertSixteenAboutEqualRanges() {
    assertThat(
            fixture.database.value(
                "select count(*) || ' ' || sum(rows_done) from longhaul.async_migration_range"))
        .isEqualTo("16 " + ROWS);
    assertThat(
            Integer.parseInt(
                fixture.database.value(
                    "select max(rows_done) from longhaul.async_migration_range")))
        .isLessThan(ROWS / 8);
  }

  /// Autovacuum analyzes partitions, and never the table that they are of.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          range (id)    | from (1) to (2000)               | from (2000) to (50000)
          hash (tenant) | with (modulus 2, remainder 0)    | with (modulus 2, remainder 1)
          list (tenant) | in (1)                           | in (0, 2, 3, 4, 5, 6)
          """)
  void cutsAPartitionedTableByThePartitionsStatistics(
      String partition, String first, String second) {
    fixture.database.execute(
        """
        create table parts (id bigint not null, tenant int not null, n int not null default 0) partition by %s;
        create table part_1 partition of parts for values %s with (autovacuum_enabled = off);
        create table part_2 partition of parts for values %s with (autovacuum_enabled = off);
        create index on parts (id);
        insert into parts (id, tenant) select i, i %% 7 from generate_series(1, %d) as i;
        analyze part_1;
        analyze part_2
        """
            .formatted(partition, first, second, ROWS));
    run("parts", "id");
    assertSixteenAboutEqualRanges();
  }

  /// By its own collation, in which capitals come first, and not by the database's.
  @Test
  void cutsTextInTheOrderOfItsCollation() {
    fixture.database.execute(
        """
        create table word (code text collate "C" primary key, n int not null default 0) with (autovacuum_enabled = off);
        insert into word (code)
        select case when i %% 2 = 0 then upper(md5(i::text)) else md5(i::text) end || i from generate_series(1, %d) as i;
        analyze word
        """
            .formatted(ROWS));
    run("word", "code");
    assertSixteenAboutEqualRanges();
  }
}
