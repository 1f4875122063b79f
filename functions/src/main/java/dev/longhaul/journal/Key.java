package dev.longhaul.journal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The key of a row: the values of its columns, as the server writes them as text.
public record Key(List<String> values) {
  public Key {
    values = List.copyOf(values);
  }

  static @Nullable Key read(@Nullable String json) {
    if (json == null) {
      return null;
    }
    List<String> values = new ArrayList<>();
    Rows.json(json).forEach(value -> values.add(value.asText()));
    return new Key(values);
  }

  ArrayNode json() {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    values.forEach(list::add);
    return list;
  }

  @Override
  public String toString() {
    return values.size() == 1 ? values.getFirst() : "(" + String.join(", ", values) + ")";
  }
}
