package dev.longhaul.local;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a local stack is to be: what `./longhaul local` starts, unless told otherwise.
public final class LocalStackOptions {
  static final int DEFAULT_PORT = 9001;
  static final int DEFAULT_QUEUE_PORT = 9324;

  final Path state;
  Path binaries;
  boolean fresh;
  int port = DEFAULT_PORT;
  int queuePort = DEFAULT_QUEUE_PORT;
  Optional<Integer> postgresPort = Optional.empty();
  @Nullable Path template;
  Map<String, String> parameters = Map.of();
  @Nullable String databaseUrl;
  boolean allowScheduledMigrations;
  boolean capturesStandardOutput;
  Duration patience = Duration.ofSeconds(5);
  InstantSource clock = InstantSource.system();

  /// Lambda's own pauses.
  List<Duration> retryDelays = List.of(Duration.ofMinutes(1), Duration.ofMinutes(2));

  private LocalStackOptions(Path state) {
    this.state = state;
    this.binaries = state;
  }

  /// The options of a stack whose state is in this directory, which is made if it is not there.
  public static LocalStackOptions in(Path state) {
    return new LocalStackOptions(state);
  }

  /// Any free ports, for tests.
  public static LocalStackOptions ephemeral(Path state) {
    return in(state).port(0).queuePort(0).postgresPort(0);
  }

  /// Throws away what earlier runs left in the state directory.
  public LocalStackOptions fresh(boolean value) {
    fresh = value;
    return this;
  }

  /// The port of Lambda's and EventBridge's APIs; 0 takes any free one.
  public LocalStackOptions port(int value) {
    port = value;
    return this;
  }

  /// The port of the queue server; 0 takes any free one.
  public LocalStackOptions queuePort(int value) {
    queuePort = value;
    return this;
  }

  /// The port of PostgreSQL; 0 takes any free one. Unless set, it is 54329 or the next free one.
  public LocalStackOptions postgresPort(int value) {
    postgresPort = Optional.of(value);
    return this;
  }

  /// Where PostgreSQL's programs are unpacked, if not in the state directory. Several stacks may
  /// share them.
  public LocalStackOptions binaries(Path value) {
    binaries = value;
    return this;
  }

  /// The template; unless set, template.yaml is looked for here and in the directories above.
  public LocalStackOptions template(Path value) {
    template = value;
    return this;
  }

  /// Values for the template's parameters.
  public LocalStackOptions parameters(Map<String, String> value) {
    parameters = Map.copyOf(value);
    return this;
  }

  /// An existing database to use, instead of a PostgreSQL of the stack's own.
  public LocalStackOptions databaseUrl(@Nullable String value) {
    databaseUrl = value;
    return this;
  }

  /// The functions' `ALLOW_SCHEDULED_MIGRATIONS`.
  public LocalStackOptions allowScheduledMigrations(boolean value) {
    allowScheduledMigrations = value;
    return this;
  }

  /// Sends `System.out`, where the functions log as on Lambda, to their log file while the stack
  /// runs.
  public LocalStackOptions capturesStandardOutput(boolean value) {
    capturesStandardOutput = value;
    return this;
  }

  /// How long running invocations may go on when the stack closes.
  public LocalStackOptions patience(Duration value) {
    patience = value;
    return this;
  }

  /// The time that schedules go by.
  public LocalStackOptions clock(InstantSource value) {
    clock = value;
    return this;
  }

  /// The pauses before an asynchronous invocation that failed is tried again.
  public LocalStackOptions retryDelays(List<Duration> value) {
    retryDelays = List.copyOf(value);
    return this;
  }
}
