package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "register",
    description = {
      "Register migrations from files.",
      "",
      "A file is NNNN_name.sql, with the lines '-- migrate:up' and '-- migrate:down' above the two"
          + " scripts and options as lines '-- longhaul: key=value' at the top, or .json with the"
          + " payload of RegistrationFunction. Of a directory, all .sql and .json files are"
          + " registered, in the order of their names. Where one file is wrong, none is sent.",
      "",
      "What is registered already is left as it is, so a pipeline may register the same directory"
          + " at each deployment. Other SQL under a known name is refused."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  longhaul register migrations/",
      "  longhaul register --execute-immediately migrations/0042_backfill.sql"
    })
final class RegisterCommand extends FunctionCommand {
  /// The contract's limit on migrations in one call.
  static final int MAX_MIGRATIONS = 1000;

  /// Lambda refuses a synchronous call over 6 MB (6,291,456 bytes); the rest is room for the
  /// answer, which has the same limit, and for what escaping adds on the way.
  static final int MAX_BYTES = 4 * 1024 * 1024;

  @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "Migration files.")
  private List<Path> paths = List.of();

  @Mixin private Target.Several target = new Target.Several();

  @Option(
      names = "--execute-immediately",
      description = "Start them at once, even where the deployment schedules migrations.")
  private boolean executeImmediately;

  @Option(
      names = "--requested-by",
      paramLabel = "WHO",
      description = "Recorded in the history, where the files name nobody.")
  private @Nullable String requestedBy;

  @Override
  int run(Functions functions) {
    List<MigrationFile> migrations = MigrationFile.read(paths);
    migrations.forEach(migration -> addOptions(migration.payload()));
    ArrayNode answers = JsonNodeFactory.instance.arrayNode();
    for (List<MigrationFile> chunk : chunks(migrations)) {
      try {
        answers.addAll(register(functions, chunk));
      } catch (Failure failure) {
        if (!answers.isEmpty()) {
          err()
              .printf(
                  Locale.ROOT,
                  "longhaul: the first %,d of %,d migrations are registered; register again to go"
                      + " on%n",
                  answers.size(),
                  migrations.size());
        }
        throw failure instanceof Refusal refusal ? RefusedFiles.of(refusal, chunk) : failure;
      }
    }
    if (json()) {
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      answer.set("migrations", answers);
      printJson(answer);
    } else {
      print(answers);
    }
    return DONE;
  }

  private void addOptions(ObjectNode payload) {
    if (!payload.has("target")) {
      target.addTo(payload);
    }
    if (requestedBy != null && !payload.has("requested_by")) {
      payload.put("requested_by", requestedBy);
    }
    if (executeImmediately) {
      payload.put("execute_immediately", true);
    }
  }

  /// In order, because a migration may depend on earlier ones.
  static List<List<MigrationFile>> chunks(List<MigrationFile> migrations) {
    List<List<MigrationFile>> chunks = new ArrayList<>();
    List<MigrationFile> chunk = new ArrayList<>();
    int size = 0;
    for (MigrationFile migration : migrations) {
      int bytes = migration.payload().toString().getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MAX_BYTES) {
        throw new Failure(
            Failure.FAILED,
            String.format(
                Locale.ROOT,
                "%s: %,d bytes are too many for one call; at most %,d can be sent",
                migration.file(),
                bytes,
                MAX_BYTES));
      }
      if (!chunk.isEmpty() && (chunk.size() == MAX_MIGRATIONS || size + bytes > MAX_BYTES)) {
        chunks.add(chunk);
        chunk = new ArrayList<>();
        size = 0;
      }
      chunk.add(migration);
      size += bytes + 1;
    }
    if (!chunk.isEmpty()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  private static ArrayNode register(Functions functions, List<MigrationFile> chunk) {
    ObjectNode payload = JsonNodeFactory.instance.objectNode();
    ArrayNode sent = payload.putArray("migrations");
    chunk.forEach(migration -> sent.add(migration.payload()));
    JsonNode answer = functions.invoke(Functions.REGISTRATION, payload);
    ArrayNode migrations = JsonNodeFactory.instance.arrayNode();
    answer.path("migrations").forEach(migrations::add);
    return migrations;
  }

  private void print(ArrayNode answers) {
    Table table = table("MIGRATION", "STATUS", "");
    int created = 0;
    boolean scheduled = false;
    for (JsonNode answer : answers) {
      boolean isNew = answer.path("created").asBoolean();
      created += isNew ? 1 : 0;
      scheduled |= answer.path("status").asText().equals("SCHEDULED");
      table.row(
          MigrationState.qualifiedName(answer),
          answer.path("status").asText(),
          isNew ? "registered" : "known already");
    }
    table.print(out());
    out()
        .printf(
            Locale.ROOT, "%,d registered, %,d known already%n", created, answers.size() - created);
    if (scheduled) {
      out().println("What is SCHEDULED starts with: longhaul run NAME… | --all");
    }
  }
}
