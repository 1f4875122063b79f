package dev.longhaul.testing;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/// Secrets that the functions of every test hold, and that can be recognised in what they write:
/// the password of the database and the secret key of the AWS account. [CanarySearch] fails the
/// test that runs when one has been written.
public final class PlantedCanary {
  private static final String MARK = "planted-canary";

  /// The tests' servers trust everybody, so any password is right.
  public static final String PASSWORD = MARK + "-password";

  /// The tests' queue server checks no signatures.
  public static final String SECRET_KEY = MARK + "-secret-key";

  private static final Pattern URL_WITHOUT_PASSWORD =
      Pattern.compile("(postgres(?:ql)?://[^:/@?\\s\"]+)@");

  private static final Queue<String> WRITTEN = new ConcurrentLinkedQueue<>();

  private PlantedCanary() {}

  /// With the password in every URL that has a user and no password.
  public static Map<String, String> plant(Map<String, String> environment) {
    Map<String, String> planted = new TreeMap<>(environment);
    planted.replaceAll(
        (_, value) -> URL_WITHOUT_PASSWORD.matcher(value).replaceAll("$1:" + PASSWORD + "@"));
    return planted;
  }

  /// Remembers the lines of a text that hold a canary.
  public static void search(String text) {
    if (text.contains(MARK)) {
      text.lines().filter(line -> line.contains(MARK)).forEach(WRITTEN::add);
    }
  }

  /// Lambda's runtime logs what a function throws.
  static void search(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    search(text.toString());
  }

  /// Passes everything on, and searches each line.
  public static OutputStream searching(OutputStream out) {
    return new Searching(out);
  }

  /// The lines since the last call.
  static List<String> written() {
    List<String> lines = new ArrayList<>();
    for (String line = WRITTEN.poll(); line != null; line = WRITTEN.poll()) {
      lines.add(line);
    }
    return lines;
  }

  private static final class Searching extends FilterOutputStream {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Searching(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      int begin = offset;
      for (int i = offset; i < offset + length; i++) {
        if (bytes[i] == '\n') {
          line.write(bytes, begin, i - begin);
          search(line.toString(StandardCharsets.UTF_8));
          line.reset();
          begin = i + 1;
        }
      }
      line.write(bytes, begin, offset + length - begin);
    }
  }
}
