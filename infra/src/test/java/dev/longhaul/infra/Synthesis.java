package dev.longhaul.infra;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;

/// CDK applications in tests. CDK runs in Node.js, which the build must not need: without it, what
/// needs it is skipped, and says so.
final class Synthesis {
  static final Path PROJECT = Path.of("..");

  private static final String PROBLEM = problem();

  private Synthesis() {}

  private static String problem() {
    try {
      Process node = new ProcessBuilder("node", "--version").redirectErrorStream(true).start();
      node.getInputStream().readAllBytes();
      if (!node.waitFor(30, TimeUnit.SECONDS) || node.exitValue() != 0) {
        return "\"node --version\" fails";
      }
      return "";
    } catch (IOException e) {
      return "there is no Node.js on the PATH";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// A new application.
  ///
  /// @param name of the folder that it is written to, and of no other application of the tests
  static App app(String name) {
    return app(name, Map.of());
  }

  /// @param context settings of CDK
  static App app(String name, Map<String, Object> context) {
    if (!PROBLEM.isEmpty()) {
      System.err.println(
          "SKIPPED: tests of the CDK constructs, since %s. Install Node.js 22 or newer to run them."
              .formatted(PROBLEM));
    }
    Assumptions.assumeTrue(PROBLEM.isEmpty(), PROBLEM);
    Map<String, Object> all = new HashMap<>();
    all.put("aws:cdk:enable-path-metadata", true);
    // CDK's own check of templates; what it finds is an error.
    all.put("@aws-cdk/core:validateAgainstDefaultRules", true);
    all.putAll(context);
    return new App(AppProps.builder().outdir("target/cdk.out/" + name).context(all).build());
  }

  /// A stand-in, so that these tests need no other module to be built.
  static Path archive() {
    try {
      return Files.writeString(
          Files.createDirectories(Path.of("target")).resolve("stand-in.zip"), "no archive");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode template(App app, String stack) {
    try {
      return (ObjectNode)
          SamTemplate.JSON.readTree(Path.of(app.getOutdir(), stack + ".template.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
