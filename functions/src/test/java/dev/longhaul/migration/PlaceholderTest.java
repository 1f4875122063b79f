package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "update t set n = 1 where n < 5 or :batch",
        "update t set n = 1 where :batch and n > 5 or m is null",
        "update t set n = 1 where n < 5 or (m = 1 and :batch)",
        "delete from t where not :batch",
        "delete from t where not (n = 1 and :batch)",
        "delete from t where id not in (select id from t where :batch)",
        "with x as (select id from t where n = 1 or :batch) delete from t using x where t.id = x.id"
      })
  void objectsToWhatReachesBeyondTheBatch(String statement) {
    assertThat(Placeholder.objection(statement)).get().asString().contains("(a or b) and :batch");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update t set n = 1 where (n < 5 or m > 3) and :batch",
        "update t set n = 1 where n is not null and :batch and m is not null",
        "update t set n = case when a or not b then 1 else 2 end where :batch",
        "update t set b = not b where :batch",
        "update t set b = true where :batch and not b",
        "update t set b = a or c where :batch returning a or b",
        "delete from t where not exists (select from u where u.id = t.id or u.n = 1) and :batch",
        "with x as (select id from u where a or b) delete from t using x where t.id = x.id and"
            + " :batch",
        "update t set n = 'a or b' where n between 1 and 5 and :batch -- or"
      })
  void takesWhatStaysWithinIt(String statement) {
    assertThat(Placeholder.objection(statement)).isEmpty();
  }
}
