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

  default Optional<Long> table() throws SQLException {
    return Optional.empty();
  }

  default Optional<String> obstacle() throws SQLException {
    return Optional.empty();
  }

  default Optional<String> contradiction() throws SQLException {
    return Optional.empty();
  }

  default List<String> repairs() throws SQLException {
    return List.of();
  }

  default Optional<String> duplicateKey(Duration atMost) throws SQLException {
    return Optional.empty();
  }

  default String statement(String asWritten) throws SQLException {
    return asWritten;
  }
}
