package dev.longhaul.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.payload.JsonFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What happens next. All that is decided in a seed comes down to these, so whoever does them again
/// in their order has the same run.
sealed interface Act {
  /// What waits at the gate goes on.
  ///
  /// @param point as [Gate.Point#name()] has it
  /// @param what was said there, for who reads
  /// @param came whether its function was at its next point before anything else was decided; of
  ///   one that is still to be done: whether that has to be waited for
  record Go(String point, String what, boolean came) implements Act {}

  record Cut(String point, String what) implements Act {}

  /// Somebody asks for something.
  ///
  /// @param subject its index
  /// @param field what is set, if anything is
  record Ask(int slot, int subject, Wish.Action action, @Nullable String field) implements Act {}

  /// Somebody looks.
  record Look(int slot, String payload) implements Act {}

  record Deliver(int slot, String body) implements Act {}

  record Sweep() implements Act {}

  record TimePasses() implements Act {}

  record Kill(String environment) implements Act {}

  record Freeze(String environment) implements Act {}

  /// Whoever stands still goes on.
  record Thaw() implements Act {}

  /// @param sessions as [GatedSocket#toString()] has them
  record Terminate(String which, List<String> sessions) implements Act {}

  record Lose(String body) implements Act {}

  record Repeat(String body) implements Act {}

  /// Somebody else's transaction writes to a table.
  record Enter(String table) implements Act {}

  record Leave() implements Act {}

  /// Nobody is at work: whatever must hold is looked at.
  record Check() implements Act {}

  default String toJson() {
    ObjectMapper json = JsonFunction.JSON;
    return json.createObjectNode()
        .set(getClass().getSimpleName(), json.valueToTree(this))
        .toString();
  }

  /// What [#toJson()] has written.
  static Act parse(String line) {
    try {
      Map.Entry<String, JsonNode> act =
          JsonFunction.JSON.readTree(line).properties().iterator().next();
      Class<?> kind =
          Arrays.stream(Act.class.getPermittedSubclasses())
              .filter(one -> one.getSimpleName().equals(act.getKey()))
              .findFirst()
              .orElseThrow();
      return (Act) JsonFunction.JSON.treeToValue(act.getValue(), kind);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(line, e);
    }
  }
}
