package dev.longhaul.bench.proof;

import java.time.Duration;
import java.util.function.Consumer;

/// One way of checking what is promised.
interface Part {
  /// For `--only`, and in the page's first table.
  String name();

  /// What part of the time it should get, beside the other parts' weights.
  int weight();

  /// Checks for about as long as `time`.
  ///
  /// @param progress hears how far it is
  /// @throws Exception where it could not be checked; what does not hold is a [Finding]
  Finding run(Duration time, Consumer<String> progress) throws Exception;
}
