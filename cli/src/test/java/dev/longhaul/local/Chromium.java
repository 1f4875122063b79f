package dev.longhaul.local;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The machine's own Chromium, driven by Playwright, which downloads none.
final class Chromium implements AutoCloseable {
  private static final List<Path> USUAL_PLACES =
      Stream.of(
              "/usr/bin/chromium",
              "/usr/bin/chromium-browser",
              "/usr/bin/google-chrome",
              "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
          .map(Path::of)
          .toList();

  private final Playwright playwright;
  private final Browser browser;

  private Chromium(Path program) {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(program)
                    // It has a sandbox for nobody but root, and containers are root.
                    .setChromiumSandbox(false));
  }

  /// Skips the test where there is no Chromium.
  static Chromium start() {
    Optional<Path> program = USUAL_PLACES.stream().filter(Files::isExecutable).findFirst();
    String message = "skipped: no Chromium in " + USUAL_PLACES + "; install the package chromium";
    if (program.isEmpty()) {
      System.out.println(message);
    }
    assumeTrue(program.isPresent(), message);
    return new Chromium(program.orElseThrow());
  }

  Browser browser() {
    return browser;
  }

  @Override
  public void close() {
    playwright.close();
  }
}
