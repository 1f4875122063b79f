package dev.longhaul.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A part of a table's keys, and how far it has been walked.
///
/// @param number the row's; the rest of a range may go on under another one
/// @param upper inclusive
/// @param cursor all keys up to here are done; null if none is
/// @param stripes of the window behind the cursor; null where none is begun
/// @param batches how often the cursor has moved
public record Range(
    int number,
    Key upper,
    @Nullable Key cursor,
    @Nullable Stripes stripes,
    long rowsDone,
    long rowsEstimated,
    long batches,
    boolean isDone) {

  /// A window of keys whose rows are done in several passes, each of which takes every `count`-th
  /// key.
  ///
  /// @param end the window's last key
  /// @param rows how many the window holds
  /// @param next the pass that comes next, from 0
  /// @param cursor how far that pass is; null if it has not begun
  public record Stripes(Key end, long rows, int count, int next, @Nullable Key cursor) {
    static @Nullable Stripes read(@Nullable String text) {
      if (text == null) {
        return null;
      }
      JsonNode json = Rows.json(text);
      return new Stripes(
          Objects.requireNonNull(Key.read(json.path("end").toString())),
          json.path("rows").asLong(),
          json.path("count").asInt(),
          json.path("next").asInt(),
          json.hasNonNull("cursor") ? Key.read(json.path("cursor").toString()) : null);
    }

    ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.set("end", end.json());
      json.put("rows", rows).put("count", count).put("next", next);
      if (cursor != null) {
        json.set("cursor", cursor.json());
      }
      return json;
    }
  }

  /// What numbers of one range differ by. A table is cut into fewer.
  private static final int NUMBERS = 1000;

  /// The same under its next number.
  public Range renumbered() {
    return new Range(
        number + NUMBERS, upper, cursor, stripes, rowsDone, rowsEstimated, batches, isDone);
  }

  /// The range behind one more batch.
  public Range moved(@Nullable Key newCursor, @Nullable Stripes newStripes, long moreRows) {
    return new Range(
        number,
        upper,
        newCursor,
        newStripes,
        rowsDone + moreRows,
        rowsEstimated,
        batches + 1,
        upper.equals(newCursor) && newStripes == null);
  }
}
