package dev.longhaul.registration;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.Priming;
import dev.longhaul.cloudformation.CustomResource;
import dev.longhaul.cloudformation.ResponseUrl;
import dev.longhaul.database.Target;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.journal.Registrar;
import dev.longhaul.journal.Registrar.Registered;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.Fields;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.payload.TargetField;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Records migrations: all of a call, or none. The row is written first; the message is sent after
/// the commit, and if it cannot be, the sweep sends it.
public final class RegistrationFunction extends JsonFunction {
  /// So that a call stays well inside the function's time and the payload's 6 MB.
  private static final int MOST_MIGRATIONS = 1000;

  /// How many events a call publishes itself; the sweep publishes the rest.
  private static final int EVENTS = 50;

  private final Longhaul longhaul;

  public RegistrationFunction() {
    this(Longhaul.fromEnvironment(System.getenv()));
    if (Priming.isWanted(System.getenv())) {
      prime();
    }
  }

  public RegistrationFunction(Longhaul longhaul) {
    this.longhaul = longhaul;
  }

  /// Reads a migration without recording it.
  void prime() {
    try {
      Migration migration =
          readOne(
                  JSON.createObjectNode()
                      .put("migration_name", "nobody")
                      .put("sql_forwards", "create index concurrently i on t (c)")
                      .put("sql_backwards", "drop index concurrently i"))
              .getFirst();
      Log.info("ready for the snapshot", Map.of("checksum", migration.checksum()));
    } catch (Refusal refusal) {
      // The targets are configured wrongly, which each caller is going to be told.
      Log.warn(
          "not quite ready for the snapshot",
          Map.of("reason", String.valueOf(refusal.getMessage())));
    }
    Priming.callNobody();
  }

  @Override
  protected JsonNode handle(ObjectNode payload, Context context) {
    return CustomResource.isAbout(payload)
        ? deploy(new CustomResource(payload), context)
        : register(payload);
  }

  /// For CloudFormation, every end is an answer; for CDK's provider framework, errors are errors.
  private JsonNode deploy(CustomResource resource, Context context) {
    boolean direct = resource.isDirect(context.getInvokedFunctionArn());
    StackRegistration registration = new StackRegistration(this::register);
    if (!direct) {
      try {
        return resource.answer(registration.apply(resource, direct));
      } catch (Refusal refusal) {
        throw refusal.within(CustomResource.LONGEST_REASON);
      }
    }
    ResponseUrl url = ResponseUrl.of(resource, longhaul.isLocal());
    ObjectNode answer;
    try {
      answer = resource.succeeded(registration.apply(resource, direct));
    } catch (RuntimeException failure) {
      answer =
          resource.failed(
              logged(failure) instanceof Refusal refusal
                  ? refusal.kind()
                      + ": "
                      + refusal.within(CustomResource.LONGEST_REASON).getMessage()
                  : "failed; the reason is in the log of %s, request %s"
                      .formatted(context.getFunctionName(), context.getAwsRequestId()));
    }
    url.put(answer);
    return answer;
  }

  private ObjectNode register(ObjectNode payload) {
    boolean several = payload.has("migrations") || TargetField.isSeveral(new Fields(payload));
    List<Migration> migrations =
        payload.has("migrations") ? readSeveral(payload) : readOne(payload);
    List<Group> groups = byTarget(migrations);
    Map<Migration, Registered> registered = registerInAll(groups);
    longhaul.sweepRule().enable();
    groups.forEach(group -> announce(group, registered));
    if (!several) {
      return answer(migrations.getFirst(), registered);
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("migrations");
    migrations.forEach(migration -> list.add(answer(migration, registered)));
    return answer;
  }

  private List<Migration> readOne(ObjectNode payload) {
    List<String> problems = new ArrayList<>();
    List<Migration> migrations = readForEachTarget(payload, "", problems);
    Fields.refuse(problems);
    return migrations;
  }

  /// The migration, once for each of its targets. What is wrong with it is wrong in all, and told
  /// once.
  private List<Migration> readForEachTarget(
      ObjectNode migration, String path, List<String> problems) {
    Fields fields = new Fields(migration, path, problems);
    if (!TargetField.isSeveral(fields)) {
      return List.of(new MigrationReader(longhaul.targets(), migration, path, problems).read());
    }
    int before = problems.size();
    List<String> targets = TargetField.names(fields, longhaul.targets());
    boolean isSound = problems.size() == before;
    List<Migration> migrations = new ArrayList<>();
    for (String target : isSound ? targets : List.copyOf(longhaul.targets().names())) {
      ObjectNode single = JSON.createObjectNode().<ObjectNode>setAll(migration);
      single.put("target", target);
      List<String> own = new ArrayList<>();
      migrations.add(new MigrationReader(longhaul.targets(), single, path, own).read());
      own.stream().filter(problem -> !problems.contains(problem)).forEach(problems::add);
    }
    return migrations;
  }

  private List<Migration> readSeveral(ObjectNode payload) {
    List<String> problems = new ArrayList<>();
    Fields fields = new Fields(payload, "", problems);
    JsonNode list = fields.value("migrations");
    fields.refuseUnknown();
    if (!list.isArray() || list.isEmpty()) {
      fields.problem("migrations", "must be a list of migrations, not " + Fields.describe(list));
    } else if (list.size() > MOST_MIGRATIONS) {
      fields.problem(
          "migrations",
          "%,d in one call; at most %,d are taken: split the call"
              .formatted(list.size(), MOST_MIGRATIONS));
    }
    Fields.refuse(problems);
    List<Migration> migrations = new ArrayList<>();
    Set<List<String>> names = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      String place = "migrations[" + i + "]";
      if (list.get(i) instanceof ObjectNode object) {
        for (Migration migration : readForEachTarget(object, place + ".", problems)) {
          migrations.add(migration);
          if (!migration.name().isEmpty()
              && !names.add(List.of(migration.target(), migration.name()))) {
            problems.add(
                place
                    + ".migration_name: \""
                    + migration.name()
                    + "\" stands twice in this call; take one out");
          }
        }
      } else {
        problems.add(place + ": must be an object, not " + Fields.describe(list.get(i)));
      }
    }
    Fields.refuse(problems);
    return migrations;
  }

  private record Group(Target target, List<Migration> migrations) {}

  private List<Group> byTarget(List<Migration> migrations) {
    Map<String, List<Migration>> groups = new TreeMap<>();
    for (Migration migration : migrations) {
      groups.computeIfAbsent(migration.target(), target -> new ArrayList<>()).add(migration);
    }
    groups
        .values()
        .forEach(
            group ->
                DependencyCycle.find(group)
                    .ifPresent(
                        cycle -> {
                          throw Refusal.invalid(
                              "depends_on: goes round in a circle: %s; take one link out"
                                  .formatted(String.join(" → ", cycle)));
                        }));
    return groups.entrySet().stream()
        .map(entry -> new Group(longhaul.targets().get(entry.getKey()), entry.getValue()))
        .toList();
  }

  /// No transaction spans databases: one may fail to commit when others have. Then the caller is
  /// told where it is registered, and the same call again does what is left.
  private Map<Migration, Registered> registerInAll(List<Group> groups) {
    Map<Migration, Registered> registered = new HashMap<>();
    List<Group> committed = new ArrayList<>();
    try {
      register(groups, registered, committed);
      return registered;
    } catch (JournalFailure failure) {
      if (committed.isEmpty()) {
        throw failure;
      }
      Log.error("registered in a part of the targets", failure, Map.of());
      longhaul.sweepRule().enable();
      committed.forEach(group -> announce(group, registered));
      List<Group> missing = new ArrayList<>(groups);
      missing.removeAll(committed);
      throw Refusal.unavailable(
          "registered in %s, and not in %s (SQLSTATE %s): make the same call again, which leaves alone what is registered"
              .formatted(targets(committed), targets(missing), failure.sqlState()));
    }
  }

  private static String targets(List<Group> groups) {
    return groups.stream()
        .map(group -> '"' + group.target().name() + '"')
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /// The transactions of all targets are open before the first commits, so that what is refused in
  /// one is recorded in none.
  ///
  /// @param registered gets what the journals say
  /// @param committed gets the groups that are done
  private void register(
      List<Group> groups, Map<Migration, Registered> registered, List<Group> committed) {
    if (groups.isEmpty()) {
      return;
    }
    Group group = groups.getFirst();
    try (Journal journal = longhaul.journals().open(group.target())) {
      journal
          .connection()
          .inTransaction(
              () -> {
                List<Registered> own =
                    new Registrar(journal).register(group.migrations(), this::initialStatus);
                BatchCheck check = new BatchCheck(journal);
                for (int i = 0; i < own.size(); i++) {
                  registered.put(group.migrations().get(i), own.get(i));
                  if (own.get(i).created()) {
                    check.check(group.migrations().get(i));
                  }
                }
                register(groups.subList(1, groups.size()), registered, committed);
                return own;
              });
      committed.add(group);
    }
  }

  private MigrationStatus initialStatus(Migration migration) {
    return longhaul.allowsScheduledMigrations() && !migration.executeImmediately()
        ? MigrationStatus.SCHEDULED
        : MigrationStatus.STARTED;
  }

  /// All is committed: what goes wrong from here on is the sweep's to mend, and no failure of the
  /// call.
  private void announce(Group group, Map<Migration, Registered> registered) {
    List<Migration> started =
        group.migrations().stream().filter(migration -> isStarted(registered, migration)).toList();
    String target = group.target().name();
    try (Log.Scope _ =
        Log.scope(Log.about(group.migrations().stream().map(Migration::name).toList()))) {
      Log.add(Map.of("target", target));
      announce(group, target, started);
    }
  }

  private void announce(Group group, String target, List<Migration> started) {
    longhaul.queue().send(target, names(started, migration -> migration.runAt() == null));
    for (Migration migration : started) {
      if (migration.runAt() != null) {
        Duration delay = Duration.between(Instant.now(), migration.runAt());
        longhaul.queue().send(target, List.of(migration.name()), delay.plusSeconds(1));
      }
    }
    try (Journal journal = longhaul.journals().open(group.target())) {
      longhaul.events().publish(journal, EVENTS);
    } catch (Refusal refusal) {
      Log.warn(
          "events are left to the sweep", Map.of("reason", String.valueOf(refusal.getMessage())));
    }
    Log.info("registered", Map.of("started", started.size()));
  }

  private static boolean isStarted(Map<Migration, Registered> registered, Migration migration) {
    Registered one = Objects.requireNonNull(registered.get(migration));
    return one.created() && one.entry().status() == MigrationStatus.STARTED;
  }

  private static List<String> names(List<Migration> migrations, Predicate<Migration> wanted) {
    return migrations.stream().filter(wanted).map(Migration::name).toList();
  }

  private static ObjectNode answer(Migration migration, Map<Migration, Registered> registered) {
    Registered one = Objects.requireNonNull(registered.get(migration));
    return JSON.createObjectNode()
        .put("migration_name", migration.name())
        .put("target", migration.target())
        .put("status", one.entry().status().label())
        .put("created", one.created());
  }
}
