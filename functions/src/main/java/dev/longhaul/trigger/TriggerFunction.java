package dev.longhaul.trigger;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.database.Target;
import dev.longhaul.html.WidgetCall;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.journal.Steering;
import dev.longhaul.logging.Log;
import dev.longhaul.metrics.Gauges;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.Fields;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.payload.TargetField;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// SCHEDULED → STARTED → SQS. Takes names, `all`, or nothing, which means what is due and the
/// sweep; bare, or as the `detail` of an EventBridge event.
public final class TriggerFunction extends JsonFunction {
  private static final int EVENTS = 50;

  private final Longhaul longhaul;
  private final Pruning pruning;

  public TriggerFunction() {
    this(Longhaul.fromEnvironment(System.getenv()));
  }

  public TriggerFunction(Longhaul longhaul) {
    this.longhaul = longhaul;
    this.pruning = new Pruning(longhaul);
  }

  /// What was done with one migration.
  ///
  /// @param reason null where it was started, else why it was not
  private record Done(String name, @Nullable String reason) {}

  private static ObjectNode answer(List<Done> migrations) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode started = answer.putArray("started");
    ArrayNode skipped = answer.putArray("skipped");
    for (Done done : migrations.stream().sorted(Comparator.comparing(Done::name)).toList()) {
      if (done.reason() == null) {
        started.add(done.name());
      } else {
        skipped.addObject().put("migration_name", done.name()).put("reason", done.reason());
      }
    }
    return answer;
  }

  @Override
  protected JsonNode handle(ObjectNode payload, Context context) {
    return WidgetCall.isOne(payload)
        ? WidgetCall.answer(payload, own -> run(own, context), TriggerFunction::sentence)
        : run(payload, context);
  }

  private static String sentence(JsonNode answer) {
    List<String> sentences = new ArrayList<>();
    answer
        .path("started")
        .forEach(name -> sentences.add("\"%s\" is in the queue.".formatted(name.asText())));
    answer
        .path("skipped")
        .forEach(
            skipped ->
                sentences.add(
                    "\"%s\" is not run: %s."
                        .formatted(
                            skipped.path("migration_name").asText(),
                            skipped.path("reason").asText())));
    return sentences.isEmpty() ? "Nothing was due." : String.join(" ", sentences);
  }

  private ObjectNode run(ObjectNode payload, Context context) {
    boolean isEvent = payload.has("detail-type") || payload.has("detail");
    Fields fields = new Fields(isEvent ? detail(payload) : payload);
    boolean all = fields.bool("all", false);
    List<String> names = fields.strings("migration_names").stream().distinct().toList();
    boolean byName = fields.has("migration_names");
    if (all && byName) {
      fields.problem("all", "contradicts migration_names; leave one of them out");
    }
    if (byName && fields.value("migration_names").isEmpty()) {
      fields.problem(
          "migration_names", "is empty; name at least one, or leave it out to run what is due");
    }
    List<String> targets = TargetField.names(fields, longhaul.targets());
    String person =
        Optional.ofNullable(fields.requestedBy())
            .orElseGet(() -> new Fields(payload).string("source").orElse(null));
    fields.refuseUnknown();
    fields.refuseProblems();

    List<Done> done = new ArrayList<>();
    if (byName) {
      for (String target : targets.isEmpty() ? List.of(Migration.DEFAULT_TARGET) : targets) {
        byName(target, names, person, isEvent ? sent(payload) : null, done);
      }
    } else {
      everywhere(targets, all, person, done, new Gauges(context.getFunctionName()));
    }
    return answer(done);
  }

  private static ObjectNode detail(ObjectNode event) {
    if (event.path("detail") instanceof ObjectNode detail) {
      return detail;
    }
    throw Refusal.invalid("detail: must be an object, like {\"migration_names\": [\"…\"]}");
  }

  /// Null where it does not say.
  private static @Nullable Instant sent(ObjectNode event) {
    try {
      return Instant.parse(event.path("time").asText());
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private void byName(
      String target,
      List<String> names,
      @Nullable String person,
      @Nullable Instant asked,
      List<Done> done) {
    try (Log.Scope _ = Log.scope(Map.of("target", target));
        Journal journal = longhaul.journals().open(longhaul.targets().get(target))) {
      NamedTrigger trigger =
          new NamedTrigger(journal, new Steering.Request(person, "triggered by name"), asked);
      for (String name : names) {
        done.add(new Done(name, trigger.trigger(name).orElse(null)));
      }
      longhaul.sweepRule().enable();
      longhaul.queue().send(target, trigger.toSend());
      longhaul.events().publish(journal, EVENTS);
    }
  }

  /// One target that does not answer, or answers with an error, keeps no other one waiting; it is
  /// told of at the end.
  private void everywhere(
      List<String> only, boolean all, @Nullable String person, List<Done> done, Gauges gauges) {
    List<RuntimeException> unavailable = new ArrayList<>();
    boolean outstanding = false;
    for (String name : only.isEmpty() ? List.copyOf(longhaul.targets().names()) : only) {
      Target target = longhaul.targets().get(name);
      try (Log.Scope _ = Log.scope(Map.of("target", name));
          Journal journal = longhaul.journals().open(target)) {
        scheduled(journal, all, person, done);
        Sweep sweep = new Sweep(longhaul, journal);
        outstanding |= sweep.run();
        pruning.prune(journal);
        gauges.read(name, sweep.trouble());
      } catch (Refusal | JournalFailure failure) {
        Log.warn(
            "a target is passed over",
            Map.of("target", name, "reason", String.valueOf(failure.getMessage())));
        unavailable.add(failure);
        outstanding = true;
      }
    }
    gauges.write(only.isEmpty() && unavailable.isEmpty());
    if (only.isEmpty() || outstanding) {
      switchSweep(outstanding);
    }
    if (!unavailable.isEmpty()) {
      throw unavailable.getFirst();
    }
  }

  private void scheduled(Journal journal, boolean all, @Nullable String person, List<Done> done) {
    Steering.Request request =
        new Steering.Request(person, all ? "triggered with all others" : "its time has come");
    List<String> started = new Steering(journal).triggerScheduled(all, request);
    started.forEach(name -> done.add(new Done(name, null)));
    if (!started.isEmpty()) {
      longhaul.sweepRule().enable();
      longhaul.queue().send(journal.target(), started);
    }
    if (all) {
      NamedTrigger.notYetDue(journal).forEach((name, reason) -> done.add(new Done(name, reason)));
    }
  }

  /// Off while nothing is outstanding, so that an idle database may pause. What came in between the
  /// look and the switch is seen by the second look.
  private void switchSweep(boolean outstanding) {
    if (!longhaul.sweepRule().isSwitched()) {
      return;
    }
    if (outstanding) {
      longhaul.sweepRule().enable();
      return;
    }
    longhaul.sweepRule().disable();
    for (String name : longhaul.targets().names()) {
      try (Journal journal = longhaul.journals().open(longhaul.targets().get(name))) {
        if (new Sweep(longhaul, journal).isOutstanding()) {
          longhaul.sweepRule().enable();
          return;
        }
      }
    }
  }
}
