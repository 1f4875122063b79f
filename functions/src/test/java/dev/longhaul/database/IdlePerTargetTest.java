package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdlePerTargetTest {
  private final List<String> closed = new ArrayList<>();
  private final IdlePerTarget<String> idle = new IdlePerTarget<>(closed::add);

  @Test
  void givesBackWhatItWasGivenOnce() {
    idle.give("a", "session");
    assertThat(idle.take("a")).isEqualTo("session");
    assertThat(idle.take("a")).isNull();
    assertThat(closed).isEmpty();
  }

  @Test
  void keepsOneForATarget() {
    idle.give("a", "first");
    idle.give("a", "second");
    assertThat(closed).containsExactly("second");
    assertThat(idle.take("a")).isEqualTo("first");
  }

  @Test
  void endsTheOneThatWasIdleForLongest() {
    for (String target : List.of("a", "b", "c", "d")) {
      idle.give(target, target);
    }
    idle.give("a", String.valueOf(idle.take("a")));
    idle.give("e", "e");
    idle.give("f", "f");
    assertThat(closed).containsExactly("b", "c");
    assertThat(idle.take("a")).isEqualTo("a");
  }

  @Test
  void endsAllAtItsEnd() {
    idle.give("a", "a");
    idle.give("b", "b");
    idle.close();
    assertThat(closed).containsExactly("a", "b");
  }
}
