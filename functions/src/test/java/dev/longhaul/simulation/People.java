package dev.longhaul.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// What people want.
final class People {
  private final Invocations invocations;
  private final Database database;
  private final List<Subject> subjects;
  private final Random random;
  private @Nullable Subject toStop;

  People(Invocations invocations, Database database, List<Subject> subjects, Random random) {
    this.invocations = invocations;
    this.database = database;
    this.subjects = subjects;
    this.random = random;
  }

  void register(Subject subject) {
    invocations.start(Environments.PERSON, "register", subject.payload().toString());
  }

  /// Mostly what makes sense now, and so may no longer do so when it arrives.
  void ask() {
    Subject subject = subjects.get(random.nextInt(subjects.size()));
    List<String> actions =
        random.nextInt(4) == 0
            ? List.of("pause", "resume", "cancel", "retry", "rollback", "status")
            : switch (subject.status(database)) {
              case "STARTED", "IN PROGRESS" -> List.of("pause", "cancel", "cancel", "rollback");
              case "PAUSED" -> List.of("resume", "cancel", "rollback");
              default -> List.of("retry", "rollback", "rollback");
            };
    ask(subject, actions.get(random.nextInt(actions.size())));
  }

  void ask(Subject subject, String action) {
    ObjectNode payload =
        JsonFunction.JSON
            .createObjectNode()
            .put("action", action)
            .put("migration_name", subject.name());
    invocations.start(Environments.PERSON, "control", payload.toString());
  }

  /// One of the migrations will be stopped, some time from now on.
  void meanToStopOne() {
    toStop = subjects.get(random.nextInt(subjects.size()));
  }

  void stopNobody() {
    toStop = null;
  }

  /// So that some have done a half when they are undone.
  void stopInTheMiddle() {
    Subject subject = toStop;
    if (subject != null && random.nextInt(60) == 0) {
      ask(subject, random.nextBoolean() ? "pause" : "cancel");
      toStop = null;
    }
  }
}
