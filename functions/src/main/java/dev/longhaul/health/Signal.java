package dev.longhaul.health;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What one signal says.
///
/// @param name as in [HealthLimits]
/// @param value what was measured, in the unit of its limit; null if nothing was
/// @param reason null if the level is good
public record Signal(String name, Level level, @Nullable Double value, @Nullable String reason) {

  static Signal good(String name, @Nullable Double value) {
    return new Signal(name, Level.GOOD, value, null);
  }

  static Signal blind(String name, String reason) {
    return new Signal(name, Level.BLIND, null, name + ": " + reason);
  }

  /// @param text what the value means: "replica a is 12 s behind"
  static Signal judged(String name, double value, Limit limit, String text) {
    Level level = limit.level(value);
    return level == Level.GOOD
        ? good(name, value)
        : new Signal(
            name,
            level,
            value,
            "%s: %s (%s from %s on)"
                .formatted(
                    name,
                    text,
                    level.name().toLowerCase(Locale.ROOT),
                    number(limit.reached(level))));
  }

  /// At most one digit after the point.
  static String number(double value) {
    return BigDecimal.valueOf(value)
        .setScale(1, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
