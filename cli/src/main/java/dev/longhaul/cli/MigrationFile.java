package dev.longhaul.cli;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.InvalidMigrationFiles.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A migration as it lies in a repository: `NNNN_name.sql` in two sections, or `.json` with what
/// RegistrationFunction takes.
///
/// ```sql
/// -- longhaul: depends_on=0006_tasks
/// -- migrate:up
/// create index concurrently tasks_by_project on tasks (project_id);
/// -- migrate:down
/// drop index concurrently tasks_by_project;
/// ```
///
/// @param file where it was read from, for messages
/// @param payload of RegistrationFunction, for this one migration
/// @param isAloneInFile whether the file holds no other migration
/// @param lines from 1, in which the payload's fields stand, as far as known; a script's is the one
///   above it
public record MigrationFile(
    Path file, ObjectNode payload, boolean isAloneInFile, Map<String, Integer> lines) {
  /// Strict, because a key given twice would silently lose the first one's value.
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final String SQL_SUFFIX = ".sql";
  private static final String JSON_SUFFIX = ".json";

  public String name() {
    return payload.path("migration_name").asText();
  }

  /// Reads files, and the migration files of directories in the order of their names. Other files
  /// of a directory, hidden ones and its subdirectories are left out.
  ///
  /// @throws InvalidMigrationFiles if anything is wrong anywhere: all of it, or nothing, is sent
  public static List<MigrationFile> read(List<Path> paths) {
    List<Problem> problems = new ArrayList<>();
    // The same file may be named twice, as itself and by its directory.
    Map<Path, Path> files = new LinkedHashMap<>();
    for (Path path : paths) {
      for (Path file : filesAt(path, problems)) {
        files.putIfAbsent(file.toAbsolutePath().normalize(), file);
      }
    }
    List<MigrationFile> migrations = new ArrayList<>();
    for (Path file : files.values()) {
      migrations.addAll(readFile(file, problems));
    }
    refuseDoubleNames(migrations, problems);
    if (!problems.isEmpty()) {
      throw new InvalidMigrationFiles(problems);
    }
    return List.copyOf(migrations);
  }

  private static List<Path> filesAt(Path path, List<Problem> problems) {
    if (!Files.isDirectory(path)) {
      if (Files.exists(path)) {
        return List.of(path);
      }
      problems.add(new Problem(path, 0, "there is no such file or directory"));
      return List.of();
    }
    try (Stream<Path> entries = Files.list(path)) {
      List<Path> files =
          entries
              .filter(Files::isRegularFile)
              .filter(file -> isMigrationFile(fileName(file)))
              .sorted((a, b) -> fileName(a).compareTo(fileName(b)))
              .toList();
      if (files.isEmpty()) {
        problems.add(new Problem(path, 0, "the directory holds no .sql or .json files"));
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<MigrationFile> readFile(Path file, List<Problem> problems) {
    String fileName = fileName(file);
    if (!isMigrationFile(fileName)) {
      problems.add(
          new Problem(file, 0, "a migration file is called NNNN_name.sql or NNNN_name.json"));
      return List.of();
    }
    int before = problems.size();
    String text = text(file, problems);
    if (problems.size() > before) {
      return List.of();
    }
    if (fileName.endsWith(SQL_SUFFIX)) {
      SqlSections sections = new SqlSections(file, problems);
      ObjectNode payload = sections.read(migrationName(fileName), text);
      return List.of(new MigrationFile(file, payload, true, sections.fieldLines()));
    }
    List<ObjectNode> payloads =
        new JsonPayloads(file, problems).read(migrationName(fileName), text);
    return payloads.stream()
        .map(payload -> new MigrationFile(file, payload, payloads.size() == 1, Map.of()))
        .toList();
  }

  /// The text without a byte order mark and with `\n` at the ends of lines, so that a migration is
  /// the same one whatever system checked it out.
  private static String text(Path file, List<Problem> problems) {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    } catch (IOException e) {
      problems.add(new Problem(file, 0, "cannot be read: " + e));
      return "";
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    try {
      String text = decoder.decode(bytes).toString();
      return (text.startsWith("\uFEFF") ? text.substring(1) : text).replace("\r\n", "\n");
    } catch (CharacterCodingException e) {
      int line = 1;
      for (int i = 0; i < bytes.position(); i++) {
        line += bytes.get(i) == '\n' ? 1 : 0;
      }
      problems.add(new Problem(file, line, "is not UTF-8"));
      return "";
    }
  }

  private static void refuseDoubleNames(List<MigrationFile> migrations, List<Problem> problems) {
    Map<List<String>, Path> seen = new HashMap<>();
    for (MigrationFile migration : migrations) {
      List<String> key = List.of(migration.payload.path("target").asText("main"), migration.name());
      Path first = seen.putIfAbsent(key, migration.file);
      if (first != null) {
        problems.add(
            new Problem(
                migration.file,
                0,
                "the migration '%s' stands in %s already".formatted(migration.name(), first)));
      }
    }
  }

  private static boolean isMigrationFile(String fileName) {
    return !fileName.startsWith(".")
        && (fileName.endsWith(SQL_SUFFIX) || fileName.endsWith(JSON_SUFFIX));
  }

  /// Composed: file systems of macOS hand out decomposed names, and `é` must not make two
  /// migrations.
  private static String migrationName(String fileName) {
    return Normalizer.normalize(
        fileName.substring(0, fileName.lastIndexOf('.')), Normalizer.Form.NFC);
  }

  private static String fileName(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString();
  }
}
