package dev.longhaul.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// A function error as a caller sees it. The classes of refusals have no package, so no test can
/// import them.
///
/// @param errorType the class name of what was thrown
public record Refused(String errorType, String message) {
  public static Refused by(ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    assertThat(thrown).as("a refusal").isNotNull();
    Refused refused = new Refused(thrown.getClass().getName(), String.valueOf(thrown.getMessage()));
    assertThat(thrown.getClass().getPackageName()).as(refused.toString()).isEmpty();
    assertThat(thrown.getStackTrace()).as("stack trace").isEmpty();
    assertThat(thrown.getCause()).as("cause").isNull();
    return refused;
  }

  /// Asserts what it is and that the message holds `parts`: the field, the reason, the way out.
  public Refused is(String type, String... parts) {
    assertThat(errorType).as(message).isEqualTo(type);
    assertThat(message).contains(parts);
    return this;
  }
}
