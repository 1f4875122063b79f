package dev.longhaul.testing;

import java.io.PrintStream;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Searches what is printed and logged for a [PlantedCanary], from the first test of the JVM to the
/// last, and fails the test that has just ended when it finds one. JUnit finds it as a service, so
/// no test has to ask for it.
public final class CanarySearch implements BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private static final Logger ROOT = Logger.getLogger("");
  private static final Handler HANDLER =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          PlantedCanary.search(new SimpleFormatter().format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  static {
    System.setOut(searching(System.out));
    System.setErr(searching(System.err));
  }

  private static PrintStream searching(PrintStream stream) {
    return new PrintStream(PlantedCanary.searching(stream), true, stream.charset());
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    // A command that configures the loggers anew has taken it away.
    if (!List.of(ROOT.getHandlers()).contains(HANDLER)) {
      ROOT.addHandler(HANDLER);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    check();
  }

  private static void check() {
    List<String> written = PlantedCanary.written();
    if (!written.isEmpty()) {
      throw new AssertionError("a secret was written:\n" + String.join("\n", written));
    }
  }
}
