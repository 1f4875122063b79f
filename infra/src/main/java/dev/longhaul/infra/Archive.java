package dev.longhaul.infra;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/// The functions' code. It comes with this library, so that the two fit each other.
final class Archive {
  private static final String NAME = "longhaul-functions.zip";

  private Archive() {}

  static Path path(@Nullable Path given) {
    if (given != null) {
      return given;
    }
    try (InputStream included = Archive.class.getResourceAsStream(NAME)) {
      if (included == null) {
        throw new IllegalStateException(
            "%s is not in this library: build it with \"mvn package\", or give archive(...)"
                .formatted(NAME));
      }
      // CDK copies it into the cloud assembly while the application runs.
      Path folder = Files.createTempDirectory("longhaul");
      Path file = folder.resolve(NAME);
      Files.copy(included, file, StandardCopyOption.REPLACE_EXISTING);
      file.toFile().deleteOnExit();
      folder.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
