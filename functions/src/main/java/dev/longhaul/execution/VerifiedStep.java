package dev.longhaul.execution;

import dev.longhaul.execution.Verification.Verdict;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What [Verification] asks of one kind of statement. Nothing is in its way, left behind by it or
/// wrong with it, where a kind does not say otherwise.
@FunctionalInterface
interface VerifiedStep {
  Verdict afterInterruption() throws SQLException;

  /// Whether [#afterInterruption] can ever say that it is done. What never can be is run again,
  /// which does no harm; but one that takes longer than its executor would never come to its end
  /// so.
  default boolean tells() {
    return true;
  }

  default Optional<Long> table() throws SQLException {
    return Optional.empty();
  }

  default Optional<String> obstacle() throws SQLException {
    return Optional.empty();
  }

  default boolean isMadeAlready() throws SQLException {
    return false;
  }

  default Optional<String> contradiction() throws SQLException {
    return Optional.empty();
  }

  default List<String> repairs() throws SQLException {
    return List.of();
  }

  default boolean isHalfDone() throws SQLException {
    return false;
  }

  default Optional<String> duplicateKey(Duration atMost) throws SQLException {
    return Optional.empty();
  }

  default String statement(String asWritten) throws SQLException {
    return asWritten;
  }
}
