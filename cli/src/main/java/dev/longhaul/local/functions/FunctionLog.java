package dev.longhaul.local.functions;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The file that takes what the functions log, for all of them together, one JSON line an entry.
/// The file of earlier runs is continued; once large, it is put aside as `….1`.
public final class FunctionLog implements AutoCloseable {
  private static final long LARGE = 16 << 20;

  /// The invocation that the thread runs, whose log tail gets what the thread writes.
  static final ThreadLocal<LocalContext> CURRENT = new ThreadLocal<>();

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
    var tee = new Tee(new FileOutputStream(file.toFile(), true));
    return new FunctionLog(new PrintStream(tee, true, UTF_8));
  }

  /// What takes the place of standard output, where the functions log.
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

  private static final class Tee extends OutputStream {
    private final OutputStream file;

    Tee(OutputStream file) {
      this.file = file;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      file.write(bytes, offset, length);
      var context = CURRENT.get();
      if (context != null) {
        context.keep(bytes, offset, length);
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
