package dev.longhaul.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option that says which database is meant; a picocli mixin.
final class Target {
  @Option(
      names = "--target",
      paramLabel = "NAME",
      description = "Target database, as the functions know it; by default main.")
  @Nullable String name;

  /// The same where several may be meant; a picocli mixin.
  static final class Several {
    @Option(
        names = "--target",
        paramLabel = "NAME",
        split = ",",
        description =
            "Target databases, as the functions know them: one, several with commas, or '*' for"
                + " all; by default main.")
    private List<String> names = List.of();

    boolean isGiven() {
      return !names.isEmpty();
    }

    /// Whether an answer may be about more than one.
    boolean isSeveral() {
      return names.size() > 1 || names.contains("*");
    }

    /// Those that were named one by one.
    List<String> named() {
      return names.contains("*") ? List.of() : names;
    }

    /// As the functions take it: nothing, a name, `"*"`, or a list.
    void addTo(ObjectNode payload) {
      if (names.contains("*")) {
        payload.put("target", "*");
      } else if (names.size() == 1) {
        payload.put("target", names.getFirst());
      } else if (isGiven()) {
        ArrayNode list = payload.putArray("target");
        names.forEach(list::add);
      }
    }
  }
}
