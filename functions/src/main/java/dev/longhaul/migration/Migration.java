package dev.longhaul.migration;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What somebody asked for: a named pair of scripts with options, valid in itself.
///
/// @param statementsForwards the statements of `sql_forwards`, split once, at registration, so that
///   the number of a step means the same for every attempt, whatever release runs it
/// @param statementsBackwards the same of `sql_backwards`; empty says that it cannot be undone
/// @param executeImmediately goes to the queue at once even where a deployment schedules migrations
/// @param dependsOn names in the same target that must be FINISHED first
/// @param runAt not before this time; null for as soon as it is triggered
/// @param window outside of it no attempt at the forwards script begins; null for any time
/// @param lockTimeout how long ordinary DDL may wait for a lock; null for the default
/// @param detachAfter how long an executor stays with a statement that runs; null for the
///   function's own setting
/// @param maxAttempts after how many failed attempts a retryable error becomes ERROR
/// @param batch how its statements that hold `:batch` walk their table; null if none does
public record Migration(
    String name,
    String target,
    List<String> statementsForwards,
    List<String> statementsBackwards,
    boolean applyOnSqlite,
    boolean executeImmediately,
    List<String> dependsOn,
    @Nullable Instant runAt,
    @Nullable Window window,
    @Nullable Duration lockTimeout,
    @Nullable Duration detachAfter,
    int maxAttempts,
    @Nullable String requestedBy,
    @Nullable Batch batch) {

  public static final String DEFAULT_TARGET = "main";
  public static final int DEFAULT_MAX_ATTEMPTS = 10;

  public Migration {
    statementsForwards = List.copyOf(statementsForwards);
    statementsBackwards = List.copyOf(statementsBackwards);
    dependsOn = List.copyOf(dependsOn);
  }

  public List<String> statements(Direction direction) {
    return switch (direction) {
      case FORWARDS -> statementsForwards;
      case BACKWARDS -> statementsBackwards;
    };
  }

  public boolean isReversible() {
    return !statementsBackwards.isEmpty();
  }

  /// SHA-256, in hexadecimal, of both scripts. Options are not part of it: a name stands for its
  /// SQL, and the options that it was first registered with stay.
  public String checksum() {
    MessageDigest digest = sha256();
    for (List<String> script : List.of(statementsForwards, statementsBackwards)) {
      digest.update((script.size() + "\n").getBytes(StandardCharsets.UTF_8));
      for (String statement : script) {
        byte[] bytes = statement.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
