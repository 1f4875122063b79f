package dev.longhaul.database;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Keeps one idle thing a target between invocations, for the few targets that were used last: two
/// hundred targets on one server would else cost it two hundred connections for each function that
/// has seen them all.
///
/// @param <T> what is kept
public final class IdlePerTarget<T> implements AutoCloseable {
  static final int MOST = 4;

  private final SequencedMap<String, T> kept = new LinkedHashMap<>();
  private final Consumer<T> close;

  /// @param close ends what is not kept, and does not throw
  public IdlePerTarget(Consumer<T> close) {
    this.close = close;
  }

  /// @return what is idle, and the caller's from now on; null if nothing is
  public synchronized @Nullable T take(String target) {
    return kept.remove(target);
  }

  /// Keeps it, or ends it where there is one already.
  public void give(String target, T idle) {
    @Nullable T tooMany = put(target, idle);
    if (tooMany != null) {
      close.accept(tooMany);
    }
  }

  private synchronized @Nullable T put(String target, T idle) {
    if (kept.containsKey(target)) {
      return idle;
    }
    kept.put(target, idle);
    return kept.size() > MOST ? kept.pollFirstEntry().getValue() : null;
  }

  @Override
  public synchronized void close() {
    kept.values().forEach(close);
    kept.clear();
  }
}
