package dev.longhaul.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// TLS that verifies: AWS hosts are checked against Amazon's own root certificates, which no public
/// trust store has
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html>).
final class Tls {
  private static @Nullable Path bundle;

  private Tls() {}

  /// What the configuration says wins. Otherwise: `verify-full` for hosts of AWS, and the driver's
  /// own default (`prefer`) for others.
  static void addTo(Properties properties) {
    String host = properties.getProperty("PGHOST", "");
    if (!isAws(host)) {
      return;
    }
    properties.putIfAbsent("sslmode", "verify-full");
    if (properties.getProperty("sslmode").startsWith("verify")) {
      properties.putIfAbsent("sslrootcert", bundle().toString());
    }
  }

  static boolean isAws(String host) {
    return host.endsWith(".rds.amazonaws.com") || host.endsWith(".rds.amazonaws.com.cn");
  }

  /// The driver reads certificates from a file only; in Lambda, `java.io.tmpdir` is what is
  /// writable.
  private static synchronized Path bundle() {
    if (bundle != null && Files.exists(bundle)) {
      return bundle;
    }
    try (InputStream certificates =
        Objects.requireNonNull(Tls.class.getResourceAsStream("rds-global-bundle.pem"))) {
      Path file = Files.createTempFile("rds-global-bundle", ".pem");
      Files.copy(certificates, file, StandardCopyOption.REPLACE_EXISTING);
      bundle = file;
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
