package dev.longhaul.cli.demo;

import dev.longhaul.cli.MigrationFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The migration files of the sample, in the order of their registration.
///
/// @param rows how many rows they generate in all
public record Sample(List<Script> scripts, int rows) {
  public static final int DEFAULT_ROWS = 1_000_000;

  /// The number stands in one place, the function `labelling.sample_rows()` of the first migration;
  /// the others take their shares of it.
  private static final String ROWS_MARK = DEFAULT_ROWS + " /* sample rows */";

  /// One file.
  ///
  /// @param fileName such as `0001_create_schema.sql`
  /// @param text of the whole file, with its options and both sections
  public record Script(String fileName, String text) {
    public String name() {
      return fileName.substring(0, fileName.lastIndexOf('.'));
    }
  }

  /// Reads the files from the class path.
  ///
  /// @param rows instead of one million; a multiple of 10,000, of which each table's share is a
  ///   whole number
  public static Sample load(int rows) {
    if (rows < 10_000 || rows % 10_000 != 0) {
      throw new IllegalArgumentException("rows must be a multiple of 10000, not " + rows);
    }
    List<Script> scripts = new ArrayList<>();
    for (String name : ExpectedEndState.load(rows).statuses().keySet()) {
      String fileName = name + ".sql";
      String text = resource("migrations/" + fileName);
      scripts.add(new Script(fileName, text.replace(ROWS_MARK, rows + " /* sample rows */")));
    }
    return new Sample(List.copyOf(scripts), rows);
  }

  /// The payloads of RegistrationFunction, by the reader that everybody's files go through, which
  /// reads from directories.
  public List<MigrationFile> migrations() {
    try {
      Path directory = Files.createTempDirectory("longhaul-sample");
      try {
        for (Script script : scripts) {
          Files.writeString(directory.resolve(script.fileName()), script.text());
        }
        return MigrationFile.read(List.of(directory));
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String resource(String name) {
    try (InputStream in = Sample.class.getResourceAsStream("/sample/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the sample has no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
