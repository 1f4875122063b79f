package dev.longhaul.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// TLS that verifies: AWS hosts are checked against Amazon's own root certificates, which no public
/// trust store has
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html>).
final class Tls {
  private static final Pattern COMMERCIAL =
      Pattern.compile(".+\\.[a-z]{2}-[a-z]+-[0-9]+\\.rds\\.amazonaws\\.com");

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

  /// Whether a host is one of those whose roots are in the bundle: in the commercial regions. China
  /// (`…amazonaws.com.cn`) and GovCloud (`us-gov-…`) have roots of their own; there, the URL has to
  /// give `sslmode=verify-full` and `sslrootcert`, the path of a file in the function's archive or
  /// in a layer.
  static boolean isAws(String host) {
    return COMMERCIAL.matcher(host.toLowerCase(Locale.ROOT)).matches();
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
