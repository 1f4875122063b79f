package dev.longhaul.local.functions;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The file that takes what the functions log, for all of them together, one JSON line an entry.
/// The file of earlier runs is continued; once large, it is put aside as `….1`.
public final class FunctionLog implements AutoCloseable {
  private static final long LARGE = 16 << 20;

  private final PrintStream stream;

  private FunctionLog(PrintStream stream) {
    this.stream = stream;
  }

  public static FunctionLog in(Path file) throws IOException {
    if (Files.exists(file) && Files.size(file) > LARGE) {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    return new FunctionLog(new PrintStream(new FileOutputStream(file.toFile(), true), true, UTF_8));
  }

  /// Where the functions' standard output goes, as Lambda sends it to their log.
  public PrintStream stream() {
    return stream;
  }

  void line(String text) {
    stream.println(text.stripTrailing());
  }

  @Override
  public void close() {
    stream.close();
  }
}
