package dev.longhaul.testing;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/// Input as nobody in their right mind writes it, by a seed.
///
/// `-Dhostile.seconds=600` tries longer, `-Dhostile.seed=17` begins with, and says what is made of,
/// one seed.
public final class Hostile {
  private static final Integer SECONDS = Integer.getInteger("hostile.seconds");
  private static final long FIRST_SEED = Long.getLong("hostile.seed", 1);

  private static final Duration LONGEST = Duration.ofSeconds(1);

  /// The machine may have others to serve, and then it is not the input that takes long.
  private static final int TRIES = 3;

  private static final int LONGEST_RUN = 20_000;

  private static final List<String> PIECES =
      List.of(
          "'",
          "\"",
          "''",
          "\"\"",
          "E'\\'",
          "U&'\\0041'",
          "U&\"",
          "B'1'",
          "$$",
          "$a$",
          "$1",
          "$",
          "--",
          "--\n",
          "/*",
          "*/",
          "/*/*",
          ";",
          ";;",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          ",",
          ".",
          ":",
          "::",
          ":batch",
          ":batch ",
          "1:batch",
          "::batch",
          ":\"batch\"",
          "=",
          "<>",
          "->>",
          "@>",
          "?",
          "??",
          "%",
          "\\",
          "\\copy",
          "\n",
          "\r\n",
          "\r",
          "\t",
          " ",
          " ",
          " ",
          "\u0000",
          "\u0001",
          "\u00a0",
          "\ufeff",
          "\u2028",
          "\ud83d\ude80",
          "\ud800",
          "\udc00",
          "é",
          "名",
          "\u202e",
          "0",
          "1",
          "-1",
          "1e400",
          "0x1F",
          "9223372036854775808",
          "1_000",
          ".5",
          "null",
          "true",
          "select",
          "update",
          "insert",
          "delete",
          "merge",
          "with",
          "copy",
          "from",
          "stdin",
          "where",
          "set",
          "values",
          "into",
          "as",
          "on",
          "limit",
          "order",
          "by",
          "fetch",
          "returning",
          "create",
          "or",
          "replace",
          "function",
          "procedure",
          "trigger",
          "table",
          "index",
          "unique",
          "concurrently",
          "drop",
          "alter",
          "begin",
          "atomic",
          "case",
          "when",
          "then",
          "else",
          "end",
          "commit",
          "rollback",
          "do",
          "call",
          "vacuum",
          "reindex",
          "detach",
          "partition",
          "finalize",
          "discard",
          "all",
          "language",
          "sql",
          "return",
          "if",
          "exists",
          "not",
          "t",
          "id",
          "\"T\"",
          "-- migrate:up\n",
          "-- migrate:down\n",
          "--migrate:UP",
          "-- longhaul: target=main\n",
          "-- longhaul: batch=",
          "-- longhaul:",
          "migrate",
          "\":\"",
          "\",\"",
          "\\u0000",
          "\\ud800");

  private final Random random;

  private Hostile(long seed) {
    this.random = new Random(seed);
  }

  /// Tries seed after seed.
  ///
  /// @param seconds for how long, unless the property says otherwise
  /// @param attempt throws, or takes too long, where something is wrong
  public static void tryAll(String what, int seconds, Consumer<Hostile> attempt) {
    int time = SECONDS == null ? seconds : SECONDS;
    long end = System.nanoTime() + Duration.ofSeconds(time).toNanos();
    long seed = FIRST_SEED;
    long longest = 0;
    for (; System.nanoTime() < end; seed++) {
      long spent = timed(what, seed, attempt);
      for (int i = 1; i < TRIES && spent > LONGEST.toNanos(); i++) {
        spent = Math.min(spent, timed(what, seed, attempt));
      }
      longest = Math.max(longest, spent);
      if (spent > LONGEST.toNanos()) {
        throw new AssertionError(
            "%s, seed %d (again with -Dhostile.seed=%d): took %d ms at least, each of %d times"
                .formatted(what, seed, seed, Duration.ofNanos(spent).toMillis(), TRIES));
      }
    }
    System.out.printf(
        "hostile input: %s, seeds %d to %d, the longest took %d ms%n",
        what, FIRST_SEED, seed - 1, Duration.ofNanos(longest).toMillis());
  }

  private static long timed(String what, long seed, Consumer<Hostile> attempt) {
    long begin = System.nanoTime();
    try {
      attempt.accept(new Hostile(seed));
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw new AssertionError(
          "%s, seed %d (again with -Dhostile.seed=%d): %s".formatted(what, seed, seed, e), e);
    }
    return System.nanoTime() - begin;
  }

  public boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  public int upTo(int bound) {
    return random.nextInt(bound);
  }

  public <T> T oneOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /// Pieces of SQL, of JSON and of files in any order, and now and then thousands of the same.
  public String text() {
    StringBuilder text = new StringBuilder();
    int pieces = 1 << random.nextInt(9);
    for (int i = 0; i < pieces; i++) {
      text.append(oneOf(PIECES));
      if (oneIn(2)) {
        text.append(' ');
      }
    }
    if (oneIn(50)) {
      text.append((oneOf(PIECES) + (oneIn(2) ? " " : "")).repeat(random.nextInt(LONGEST_RUN)));
    }
    return text.toString();
  }

  /// A good text with some things in it that are not.
  public String spoiled(String good) {
    StringBuilder text = new StringBuilder(good);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(text.length() + 1);
      int to = Math.min(text.length(), at + random.nextInt(8));
      switch (random.nextInt(5)) {
        case 0 -> text.delete(at, to);
        case 1 -> text.insert(at, oneOf(PIECES));
        case 2 -> text.replace(at, to, oneOf(PIECES));
        case 3 -> text.insert(at, text.substring(at, to));
        default -> {
          if (oneIn(4)) {
            text.setLength(at);
          }
        }
      }
    }
    return text.toString();
  }

  public byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(2_000)];
    random.nextBytes(bytes);
    return bytes;
  }
}
