package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementAliasTest {
  private static String found(String statement) {
    return StatementAlias.of(statement).stream()
        .map(
            name ->
                "%s %s %s%s"
                    .formatted(
                        name.use().name().toLowerCase(Locale.ROOT),
                        String.join(".", name.table()),
                        name.alias(),
                        name.assigned().isEmpty() ? "" : " " + name.assigned()))
        .collect(Collectors.joining("; "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          update T set n = 1                                        | changes t t [n]
          update only app.t as "A" set n = 1                        | changes app.t "A" [n]
          update only (t) x set n = 1                               | changes t x [n]
          update t * set n = 1 where id = 2                         | changes t t [n]
          update db.app."T ""x\""" set n = 1 from t, u as v, (w)     | changes app.T "x" "T ""x\""" [n]; reads t t; reads u v; reads w w
          delete from t using t b join c on b.id = c.id             | changes t t; reads t b; reads c c
          merge into t using (select a, t from s) q on true         | changes t t; reads s s
          insert into t (a, b) select a, f(b) from u, f(u) where v  | inserts t t; reads u u
          with d as (delete from t returning a, u) select from d, e | changes t t; reads d d; reads e e
          select a from t where a is distinct from u                | reads t t
          select a from t where b = any (array[u]) for update of w  | reads t t
          select a from t order by a, u                             | reads t t
          """)
  void findsTheTables(String statement, String expected) {
    assertThat(found(statement)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          update t set a = f(x, b), "C" = 2, D = 3 from e, f where g = 1  | a, C, d
          update t set (a, "B") = (select c, d from e), f = array[g, h]   | a, B, f
          update t set a = x is distinct from y, b = 2 returning c, d     | a, b
          update t set a = case when b then c end, d = e                  | a, d
          with u as (update t set a = 1), v as (select 1) select b, c     | a
          merge into t using s on true when matched then update set a = 1, b = 2 when not matched then insert (c, d) values (1, 2) | a, b
          insert into t (c) values (1) on conflict (c) do update set a = excluded.a, b = 2 where c = 3 | a, b
          """)
  void findsTheColumnsThatAreSet(String statement, String columns) {
    assertThat(StatementAlias.of(statement).getFirst().assigned())
        .isEqualTo(List.of(columns.split(", ")));
  }

  @Test
  void tellsTheColumnsOfOneTableFromThoseOfAnother() {
    assertThat(
            found(
                "with x as (update t set a = 1 returning b), y as (insert into u select 1 on"
                    + " conflict (c) do update set d = 1) update v set e = 1 from x"))
        .isEqualTo("changes t t [a]; inserts u u [d]; changes v v [e]; reads x x");
  }
}
