package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlStateTest {
  @ParameterizedTest
  @CsvSource({
    "55P03, true,  false, false", // lock_not_available
    "40001, true,  false, false", // serialization_failure
    "40P01, true,  false, false", // deadlock_detected
    "53100, true,  false, false", // disk_full
    "53200, true,  false, false", // out_of_memory
    "53300, true,  false, false", // too_many_connections
    "08000, true,  true,  false", // connection_exception
    "08006, true,  true,  false", // connection_failure
    "57P01, true,  true,  false", // admin_shutdown
    "57P02, true,  true,  false", // crash_shutdown
    "57P03, true,  true,  false", // cannot_connect_now
    "57P05, true,  true,  false", // idle_session_timeout
    "25P03, true,  true,  false", // idle_in_transaction_session_timeout
    "57014, false, false, false", // query_canceled
    "25001, false, false, true", //  active_sql_transaction
    "2D000, false, false, true", //  invalid_transaction_termination
    "42601, false, false, false", // syntax_error
    "42P01, false, false, false", // undefined_table
    "22012, false, false, false", // division_by_zero
    "23505, false, false, false", // unique_violation
    "28P01, false, false, false", // invalid_password
    "0A000, false, false, false", // feature_not_supported
    "55000, false, false, false", // object_not_in_prerequisite_state
    "XX000, false, false, false" //  internal_error
  })
  void isSorted(String state, boolean retryable, boolean lost, boolean refusesTransaction) {
    assertThat(SqlState.isRetryable(state)).isEqualTo(retryable);
    assertThat(SqlState.isConnectionLoss(state)).isEqualTo(lost);
    assertThat(SqlState.isRefusalOfTransaction(state)).isEqualTo(refusesTransaction);
  }

  @Test
  void isNeverNull() {
    assertThat(SqlState.of(new SQLException("no state"))).isEqualTo("XX000");
    assertThat(SqlState.of(new SQLException("state", "42601"))).isEqualTo("42601");
  }
}
