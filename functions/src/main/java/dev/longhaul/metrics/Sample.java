package dev.longhaul.metrics;

import java.util.ArrayList;
import java.util.List;

/// As many values as one line may hold, evenly out of however many there are: every one at first;
/// once it is full every second one goes, and from then on only every second one is taken, and so
/// on.
final class Sample {
  private final List<Double> values = new ArrayList<>();
  private long seen;
  private long every = 1;

  void add(double value) {
    if (seen++ % every != 0) {
      return;
    }
    if (values.size() == EmbeddedLine.MOST_VALUES) {
      List<Double> all = List.copyOf(values);
      values.clear();
      for (int i = 0; i < all.size(); i += 2) {
        values.add(all.get(i));
      }
      every *= 2;
    }
    values.add(value);
  }

  List<Double> values() {
    return List.copyOf(values);
  }
}
