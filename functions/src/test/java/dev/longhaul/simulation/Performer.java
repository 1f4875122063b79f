package dev.longhaul.simulation;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Does what was decided, and writes it down.
final class Performer {
  /// Who has sent something and not come to a next point by then waits for the server.
  private static final Duration PATIENCE = Duration.ofMillis(25);

  /// Who has been answered waits for nobody, but may be the only one that is not done.
  private static final Duration PATIENCE_WITH_THE_ANSWERED = Duration.ofMillis(100);

  private static final Duration LONG_PATIENCE = Duration.ofSeconds(2);

  /// The journal's installation takes long, and nobody is in its way.
  private static final String INSTALLATION = "create schema";

  private final Simulation.Stage stage;
  private final List<Subject> subjects;
  private final Invocations invocations;
  private final Wishes wishes;
  private long rows;

  Performer(
      Simulation.Stage stage, List<Subject> subjects, Invocations invocations, Wishes wishes) {
    this.stage = stage;
    this.subjects = subjects;
    this.invocations = invocations;
    this.wishes = wishes;
  }

  /// @return false where it cannot be done now: then nothing is
  boolean perform(Act act) throws InterruptedException {
    Act done =
        switch (act) {
          case Act.Go go -> letGo(go);
          case Act.Cut(String point, String _) -> cut(point) ? act : null;
          case Act.Ask(int slot, int subject, Wish.Action action, String field) ->
              wishes.ask(slot, subjects.get(subject), action, field) ? act : null;
          case Act.Look(int slot, String payload) ->
              invocations.start(slot, "control", payload) ? act : null;
          case Act.Deliver(int slot, String body) -> invocations.deliver(slot, body) ? act : null;
          case Act.Sweep() -> invocations.start(Environments.SWEEP, "trigger", "{}") ? act : null;
          case Act.TimePasses() -> {
            timePasses();
            yield act;
          }
          case Act.Kill(String name) -> {
            Environment environment = stage.environments().of(name);
            yield environment != null && kill(environment) ? act : null;
          }
          case Act.Freeze(String name) -> {
            Environment environment = stage.environments().of(name);
            yield environment != null && freeze(environment) ? act : null;
          }
          case Act.Thaw() -> stage.environments().thaw() ? act : null;
          case Act.Terminate(String which, List<String> sessions) ->
              terminate(which, sessions) ? act : null;
          case Act.Lose(String body) -> lose(body) ? act : null;
          case Act.Repeat(String body) -> {
            stage.notes().fault("a message doubled");
            stage.queue().add(body);
            yield act;
          }
          case Act.Enter(String table) -> {
            stage.notes().fault("an open transaction of somebody else");
            stage.stranger().enter(table);
            yield act;
          }
          case Act.Leave() -> {
            stage.stranger().leave();
            yield act;
          }
          case Act.Check() -> {
            check();
            yield act;
          }
        };
    if (done != null) {
      stage.notes().done(done);
    }
    return done != null;
  }

  /// That were counted at the checks.
  long rows() {
    return rows;
  }

  private Act.@Nullable Go letGo(Act.Go go) throws InterruptedException {
    Gate.Point point = stage.gate().find(go.point());
    if (point == null) {
      return null;
    }
    long seen = stage.gate().eventsOf(point.environment);
    stage.gate().letGo(point);
    boolean came = stage.gate().awaitEventOf(point.environment, seen, patience(go, point));
    return new Act.Go(go.point(), point.what, came);
  }

  private static Duration patience(Act.Go go, Gate.Point point) {
    if (go.came() || point.what.startsWith(INSTALLATION)) {
      return LONG_PATIENCE;
    }
    return switch (point.kind) {
      case STATEMENT -> PATIENCE;
      case ANSWER -> PATIENCE_WITH_THE_ANSWERED;
    };
  }

  private boolean cut(String name) {
    Gate.Point point = stage.gate().find(name);
    if (point == null) {
      return false;
    }
    stage
        .notes()
        .fault(
            point.kind == Gate.Kind.STATEMENT
                ? "a connection cut before a statement"
                : "a connection cut before an answer");
    point.environment.hurt();
    stage.gate().cut(point);
    return true;
  }

  /// As much as a retry, a look and the sweep wait for.
  private void timePasses() {
    if (stage.database().exists("longhaul.async_migration")) {
      stage
          .database()
          .execute(
              """
              set lock_timeout = '100ms';
              update longhaul.async_migration set next_look_at = next_look_at - interval '10 minutes',
                not_before = not_before - interval '10 minutes'
              where name in (
                select name from longhaul.async_migration where next_look_at is not null for update skip locked)
              """);
    }
  }

  private boolean kill(Environment environment) {
    if (!environment.isBusy()) {
      return false;
    }
    stage.notes().fault("a function killed");
    environment.hurt();
    environment.kill();
    return true;
  }

  private boolean freeze(Environment environment) {
    if (!environment.isBusy()) {
      return false;
    }
    stage.notes().fault("a function frozen");
    environment.isFrozen = true;
    environment.hurt();
    return true;
  }

  private boolean terminate(String which, List<String> sessions) {
    if (GatedSockets.terminate(sessions, stage.database()) == 0) {
      return false;
    }
    stage.notes().fault(which);
    stage.environments().all().forEach(Environment::hurt);
    return true;
  }

  private boolean lose(String body) {
    if (!stage.queue().remove(body)) {
      return false;
    }
    stage.notes().fault("a message lost");
    return true;
  }

  private void check() {
    for (Subject subject : subjects) {
      subject
          .violations(stage.database())
          .forEach(one -> stage.notes().violation(subject + ": " + one));
      rows += Subject.ROWS;
    }
    wishes.violations(stage.database()).forEach(stage.notes()::violation);
  }
}
