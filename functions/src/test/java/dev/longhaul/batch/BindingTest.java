package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which table's rows `:batch` selects, where a statement names several, or one twice.
class BindingTest {
  private final Fixture fixture = new Fixture();

  /// A hundred parents with three children each, which no batch of ten holds together.
  @BeforeEach
  void makeTable() {
    fixture.database.execute(
        """
        create table orders (id bigint primary key, parent bigint, n int not null default 0);
        insert into orders (id) select generate_series(1, 100);
        insert into orders (id, parent) select id, (id - 1) % 100 + 1 from generate_series(101, 400) as id;
        create index on orders (parent);
        analyze orders;
        """);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static ObjectNode migration(String forwards) {
    ObjectNode migration = Fixture.migration("orders", forwards, "");
    migration
        .putObject("batch")
        .put("table", "orders")
        .put("key", "id")
        .put("size", 10)
        .put("target_ms", 10);
    return migration;
  }

  private void run(String forwards) {
    fixture.register(migration(forwards).toString());
    fixture.executeUntil("orders", "FINISHED");
  }

  private void assertEachParentOnce() {
    assertThat(
            fixture.database.query(
                "select n || ' ' || count(*) || ' ' || max(id) from orders group by n order by n"))
        .containsExactly("0 300 400", "1 100 100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update orders set n = orders.n + 1 from orders child where child.parent = orders.id and"
            + " :batch",
        "update orders as o set n = o.n + 1 from orders where orders.parent = o.id and :batch",
        "update only public.orders set n = orders.n + 1 from orders child where child.parent ="
            + " orders.id and :batch",
        "with child as (select parent from orders c) update \"orders\" set n = orders.n + 1 from"
            + " child, orders sister where child.parent = orders.id and sister.parent = orders.id"
            + " and :batch",
        "merge into orders using (select distinct parent from orders child) c on c.parent ="
            + " orders.id and :batch when matched then update set n = n + 1",
        "merge into orders o using (select c.parent from orders c where c.id <= 200) c on c.parent"
            + " = o.id and :batch when matched then update set n = n + 1"
      })
  void changesEachRowOfASelfJoinOnce(String statement) {
    run(statement);
    assertEachParentOnce();
  }

  @Test
  void readsByAnAliasWhereNothingOfTheTableIsChanged() {
    fixture.database.execute("create table pair (parent bigint, child bigint)");
    run(
        "insert into pair select o.id, child.id from orders o join orders child on child.parent ="
            + " o.id where :batch");
    assertThat(fixture.database.value("select count(*) || ' ' || count(distinct child) from pair"))
        .isEqualTo("300 300");
  }

  /// Bare, the key could be either table's, which no statement before can mend.
  @Test
  void registersAJoinThatNeedsAColumnOfAnEarlierStatement() {
    run(
        "alter table orders add column m int; update orders o set m = child.id from orders child"
            + " where child.parent = o.id and :batch");
    assertThat(fixture.database.value("select count(m) from orders")).isEqualTo("100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update other set x = 1 where :batch",
        "delete from other where :batch",
        "update other set orders = 1 where :batch",
        "update elsewhere.orders set x = 1 where :batch",
        "update other set x = orders.n from elsewhere.orders where :batch",
        "insert into orders (id) select id + 1000 from other where :batch"
      })
  void refusesAStatementThatDoesNotNameTheTable(String statement) {
    fixture.database.execute(
        """
        create table other (id bigint primary key, x int, orders int);
        create schema elsewhere;
        create table elsewhere.orders (id bigint, n int, x int)
        """);
    Refused.by(() -> fixture.register(migration(statement).toString()))
        .is(
            "InvalidMigration",
            "sql_forwards: statement 1: batch.table: public.orders is not in the statement",
            "name the table that the statement reads or changes");
    assertThat(fixture.registered()).isEmpty();
  }

  @Test
  void takesAPartitionForItsTable() {
    fixture.database.execute(
        """
        create table parts (id bigint primary key, n int not null default 0) partition by range (id);
        create table part_1 partition of parts for values from (1) to (1000);
        create table part_2 partition of parts for values from (1000) to (2000);
        insert into parts (id) select generate_series(1, 1999)
        """);
    ObjectNode migration = migration("update part_2 as p set n = p.n + 1 where :batch");
    migration.withObject("/batch").put("table", "parts");
    fixture.register(migration.toString());
    fixture.executeUntil("orders", "FINISHED");
    assertThat(
            fixture.database.query("select n || ' ' || min(id) from parts group by n order by n"))
        .containsExactly("0 1", "1 1000");
  }

  @Test
  void readsTheBareKeyOfASubquery() {
    fixture.database.execute("create table pair (parent bigint, child bigint)");
    run("insert into pair select id, parent from (select * from orders) as o where :batch");
    assertThat(fixture.database.value("select count(*) || ' ' || count(distinct parent) from pair"))
        .isEqualTo("400 400");
  }

  /// Until it is run nobody knows which table the name means.
  @Test
  void leavesTheSearchPathToAnEarlierStatement() {
    fixture.database.execute("create schema app; alter table orders set schema app");
    ObjectNode migration =
        migration("set search_path = app; update orders set n = n + 1 where :batch");
    migration.withObject("/batch").put("table", "app.orders");
    fixture.register(migration.toString());
    fixture.executeUntil("orders", "FINISHED");
    assertThat(fixture.database.query("select distinct n from app.orders")).containsExactly("1");
  }

  @Test
  void endsInErrorWhereTheTableIsNotNamedAfterAll() {
    fixture.database.execute("create table other (id bigint primary key, orders_too int)");
    ObjectNode migration =
        migration(
            "create table late (id bigint primary key); update other set id = 1 where :batch");
    migration.withObject("/batch").put("table", "late");
    fixture.register(migration.toString());
    fixture.executeUntil("orders", "ERROR");
    assertThat(
            fixture.control("status", "orders").path("meta").path("error").path("message").asText())
        .contains("public.late is not in the statement");
  }
}
