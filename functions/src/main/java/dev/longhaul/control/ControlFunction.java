package dev.longhaul.control;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.Priming;
import dev.longhaul.cloudformation.CustomResource;
import dev.longhaul.doctor.Doctor;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.html.WidgetCall;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.Fields;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.payload.TargetField;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Shows migrations and steers them: status, list, history; pause, resume, cancel, retry, resolve,
/// rollback.
public final class ControlFunction extends JsonFunction {
  private static final int LIST_LIMIT = 100;
  private static final int MOST_LISTED = 1000;
  private static final int EVENTS = 50;
  private static final List<String> VIEWS = List.of("status", "list", "history");

  /// The end of the ARN by which those call who may only look. IAM cannot look into a payload, but
  /// it tells an alias from the function.
  private static final String VIEW = ":view";

  private final Longhaul longhaul;

  public ControlFunction() {
    this(Longhaul.fromEnvironment(System.getenv()));
    if (Priming.isWanted(System.getenv())) {
      prime();
    }
  }

  public ControlFunction(Longhaul longhaul) {
    this.longhaul = longhaul;
  }

  /// @param change empty for an action that only shows
  private record Request(
      String action,
      Optional<Control.Action> change,
      List<String> targets,
      boolean several,
      String name,
      @Nullable String person,
      Control.@Nullable Resolution resolution,
      Control.@Nullable Setting setting,
      Set<MigrationStatus> statuses,
      int limit,
      @Nullable String after) {}

  /// Reads a request without looking for the migration.
  void prime() {
    Request request =
        read(JSON.createObjectNode().put("action", "status").put("migration_name", "nobody"));
    Log.info("ready for the snapshot", Map.of("action", request.action()));
    Priming.callNobody();
  }

  @Override
  protected JsonNode handle(ObjectNode payload, Context context) {
    boolean mayChange = !context.getInvokedFunctionArn().endsWith(VIEW);
    if (CustomResource.isAbout(payload)) {
      requireRight(mayChange, "RequestType");
      return await(new CustomResource(payload));
    }
    if (WidgetCall.isOne(payload)) {
      return WidgetCall.answer(
          payload,
          own -> answer(own, mayChange),
          status -> Sentence.of(payload.path("action").asText(), status));
    }
    return answer(payload, mayChange);
  }

  private static void requireRight(boolean mayChange, String field) {
    if (!mayChange) {
      throw Refusal.invalid(
          "%s: the alias \"view\" only shows migrations (%s); to change one, call ControlFunction itself, which needs a right of its own"
              .formatted(field, String.join(", ", VIEWS)));
    }
  }

  /// For CDK's provider framework, which asks again until the answer is yes or an error.
  private ObjectNode await(CustomResource resource) {
    if (!StackWait.isFor(resource)) {
      return StackWait.isComplete(true);
    }
    try (Journal journal = longhaul.journals().open(longhaul.targets().get(resource.target()))) {
      return new StackWait(InstantSource.system())
          .answer(
              resource,
              journal.find(resource.name()),
              (action, entry) -> {
                new Control(journal, resource.person(), null, null).tryToApply(action, entry);
                JournalEntry now = find(journal, entry.name());
                follow(journal, now);
                return now;
              });
    } catch (Refusal refusal) {
      throw refusal.within(CustomResource.LONGEST_REASON);
    }
  }

  private ObjectNode answer(ObjectNode payload, boolean mayChange) {
    if (Doctor.isAsked(payload)) {
      return new Doctor(longhaul, Doctor.User.REGISTRAR).answer(payload);
    }
    Request request = read(payload);
    requireRight(mayChange || request.change().isEmpty(), "action");
    if (request.several()) {
      SeveralTargets several = new SeveralTargets(longhaul, request.targets());
      return request.action().equals("list")
          ? several.list(request.statuses(), request.after(), request.limit())
          : several.status(request.name());
    }
    String target = request.targets().getFirst();
    Log.add(Map.of("target", target, "migration", request.name()));
    try (Journal journal = longhaul.journals().open(longhaul.targets().get(target))) {
      if (request.action().equals("list")) {
        return list(journal, request);
      }
      JournalEntry entry = find(journal, request.name());
      Log.add(Map.of("attempt", entry.attempt()));
      if (request.action().equals("history")) {
        return StatusView.history(entry, journal.history(entry.name()));
      }
      if (request.change().isPresent()) {
        new Control(journal, request.person(), request.resolution(), request.setting())
            .apply(request.change().get(), entry);
        entry = find(journal, request.name());
        follow(journal, entry);
      }
      return StatusView.status(entry);
    }
  }

  private static JournalEntry find(Journal journal, String name) {
    return journal.find(name).orElseThrow(() -> Refusal.unknown(name, journal.target()));
  }

  /// The row is committed; now those may know who act on it.
  private void follow(Journal journal, JournalEntry entry) {
    longhaul.sweepRule().enable();
    if (entry.status() == MigrationStatus.STARTED
        || entry.status() == MigrationStatus.IN_PROGRESS) {
      longhaul.queue().send(journal.target(), List.of(entry.name()));
    } else if (entry.status().isEnd()) {
      longhaul
          .queue()
          .send(
              journal.target(), journal.dependents(entry.name(), Set.of(MigrationStatus.STARTED)));
    }
    longhaul.events().publish(journal, EVENTS);
  }

  private static ObjectNode list(Journal journal, Request request) {
    List<JournalEntry> entries =
        journal.list(request.statuses(), request.after(), request.limit() + 1);
    boolean more = entries.size() > request.limit();
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode migrations = answer.putArray("migrations");
    entries.stream().limit(request.limit()).map(StatusView::status).forEach(migrations::add);
    return answer.put("next", more ? entries.get(request.limit() - 1).name() : null);
  }

  private Request read(ObjectNode payload) {
    Fields fields = new Fields(payload);
    String action = fields.string("action").orElse("");
    Optional<Control.Action> change =
        Arrays.stream(Control.Action.values())
            .filter(candidate -> candidate.word().equals(action))
            .findFirst();
    if (change.isEmpty() && !VIEWS.contains(action) && fields.problemsOf("action") == 0) {
      fields.problem("action", "must be one of " + actions());
    }
    boolean lists = action.equals("list");
    String name = lists ? "" : fields.string("migration_name").orElse("");
    if (lists == fields.has("migration_name")) {
      fields.problem(
          "migration_name",
          lists
              ? "has no place in a list; ask for the status of one migration"
              : "is missing; say which migration is meant");
    }
    boolean several = TargetField.isSeveral(fields) && (lists || action.equals("status"));
    List<String> targets =
        several
            ? TargetField.names(fields, longhaul.targets())
            : List.of(fields.string("target").orElse(Migration.DEFAULT_TARGET));
    Request request =
        new Request(
            action,
            change,
            targets,
            several,
            name,
            fields.requestedBy(),
            action.equals("resolve") ? resolution(fields) : null,
            action.equals("set") ? setting(fields) : null,
            lists ? statuses(fields) : Set.of(),
            lists ? fields.integer("limit", LIST_LIMIT, 1, MOST_LISTED) : 0,
            lists ? fields.string("after").orElse(null) : null);
    fields.refuseUnknown();
    fields.refuseProblems();
    return request;
  }

  private static Control.@Nullable Setting setting(Fields fields) {
    if (!(fields.value("batch") instanceof ObjectNode object)) {
      fields.problem(
          "batch",
          "must be an object with what is to change: size, target_ms, parallelism, health");
      return null;
    }
    Fields batch = fields.inside("batch", object);
    int target = batch.integer("target_ms", 0, 10, 60_000);
    int size = batch.integer("size", 0, 1, Batch.LARGEST_SIZE);
    int parallelism = batch.integer("parallelism", 0, 1, Batch.MOST_WORKERS);
    HealthLimits health = HealthLimits.readField(batch, "health");
    batch.refuseUnknown();
    if (object.isEmpty()) {
      fields.problem("batch", "says nothing; give size, target_ms, parallelism or health");
    }
    return new Control.Setting(
        size == 0 ? null : size,
        target == 0 ? null : Duration.ofMillis(target),
        parallelism == 0 ? null : parallelism,
        health);
  }

  private static Control.@Nullable Resolution resolution(Fields fields) {
    Optional<String> outcome = fields.string("outcome");
    if (outcome.equals(Optional.of("done"))) {
      return Control.Resolution.DONE;
    }
    if (outcome.equals(Optional.of("not done"))) {
      return Control.Resolution.NOT_DONE;
    }
    if (fields.problemsOf("outcome") == 0) {
      fields.problem(
          "outcome",
          "must be \"done\" or \"not done\": whether the statement of which the error speaks has"
              + " happened");
    }
    return null;
  }

  /// One status or a list of them; all where none is given.
  private static Set<MigrationStatus> statuses(Fields fields) {
    List<String> labels =
        fields.value("status").isTextual()
            ? fields.string("status").stream().toList()
            : fields.strings("status");
    Set<MigrationStatus> statuses = EnumSet.noneOf(MigrationStatus.class);
    for (String label : labels) {
      Optional<MigrationStatus> status =
          MigrationStatus.ofLabel(label.toUpperCase(Locale.ROOT).replace('_', ' '));
      status.ifPresent(statuses::add);
      if (status.isEmpty()) {
        fields.problem(
            "status",
            "\"%s\" is none; there are %s"
                .formatted(label, Arrays.toString(MigrationStatus.values())));
      }
    }
    return statuses.isEmpty() ? EnumSet.allOf(MigrationStatus.class) : statuses;
  }

  private static String actions() {
    List<String> actions = new ArrayList<>(VIEWS);
    Arrays.stream(Control.Action.values()).map(Control.Action::word).forEach(actions::add);
    actions.add("doctor");
    return String.join(", ", actions);
  }
}
