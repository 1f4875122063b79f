package dev.longhaul.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// What several rounds have measured, in one unit.
final class Samples {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  List<Double> values() {
    return List.copyOf(values);
  }

  /// The middle value, or the mean of the two in the middle.
  double median() {
    if (values.isEmpty()) {
      throw new IllegalStateException("nothing was measured");
    }
    var sorted = values.stream().sorted().toList();
    var middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /// The median with the least and the greatest value, as `2.10 (2.05 to 2.31)`.
  String summary(int decimals) {
    return "%s (%s to %s)"
        .formatted(
            number(median(), decimals),
            number(Collections.min(values), decimals),
            number(Collections.max(values), decimals));
  }

  static String number(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
