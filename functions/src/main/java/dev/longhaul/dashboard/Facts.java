package dev.longhaul.dashboard;

import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;

/// A migration's options, times and costs, each with its name.
record Facts(DetailPage.Data data, Parts parts) {
  private static final int LONGEST_TEXT = 4000;
  private static final int MOST_NAMES = 20;

  Html list() {
    JournalEntry entry = data.entry();
    Migration migration = entry.migration();
    Html list = Html.of(Tag.DL, "lh-list");
    fact(list, "Target", migration.target());
    if (entry.direction() == Direction.BACKWARDS) {
      fact(list, "Direction", "backwards");
    }
    fact(list, "Steps", "%d of %d done".formatted(entry.steps().done(), entry.steps().total()));
    fact(
        list,
        "Attempts",
        entry.failedAttempts() == 0
            ? Integer.toString(entry.attempt())
            : "%d, of which %d failed lately; gives up after %d"
                .formatted(entry.attempt(), entry.failedAttempts(), migration.maxAttempts()));
    fact(
        list,
        "Lambda time billed",
        entry.run().lambdaMillis() == 0
            ? "counted when an attempt ends"
            : Words.ofMillis(entry.run().lambdaMillis()));
    if (data.summary().nextLook() != null) {
      fact(list, "Next look", "at the latest " + when(data.summary().nextLook()));
    }
    if (entry.notBefore() != null && entry.status() == MigrationStatus.STARTED) {
      fact(list, "Next try", when(entry.notBefore()));
    }
    fact(list, "Registered", when(entry.times().created()));
    if (entry.times().started() != null) {
      fact(list, "Began", when(entry.times().started()));
    }
    if (entry.times().finished() != null) {
      fact(list, "Ended", when(entry.times().finished()));
    }
    if (entry.times().started() != null && entry.times().finished() != null) {
      fact(
          list,
          "Took",
          Words.took(Duration.between(entry.times().started(), entry.times().finished())));
    }
    if (!migration.dependsOn().isEmpty()) {
      fact(
          list,
          "Depends on",
          migration.dependsOn().stream()
                  .limit(MOST_NAMES)
                  .map(
                      name ->
                          Words.start(name, 120)
                              + " ("
                              + (data.dependsOn().containsKey(name)
                                  ? data.dependsOn().get(name)
                                  : "not registered")
                              + ")")
                  .collect(Collectors.joining(", "))
              + (migration.dependsOn().size() > MOST_NAMES ? ", …" : ""));
    }
    if (!data.dependents().isEmpty()) {
      fact(
          list,
          "Built on by",
          data.dependents().stream()
                  .limit(MOST_NAMES)
                  .map(name -> Words.start(name, 120))
                  .collect(Collectors.joining(", "))
              + "; roll these back first");
    }
    if (migration.runAt() != null) {
      fact(list, "Not before", Words.at(migration.runAt()));
    }
    if (migration.window() != null) {
      fact(list, "Window", window(migration.window()));
    }
    if (migration.batch() != null) {
      fact(list, "Batches", batch(migration.batch()));
    }
    if (migration.lockTimeout() != null) {
      fact(list, "lock_timeout", seconds(migration.lockTimeout()));
    }
    if (migration.detachAfter() != null) {
      fact(list, "detach_after", seconds(migration.detachAfter()));
    }
    if (migration.executeImmediately()) {
      fact(list, "execute_immediately", "true");
    }
    if (migration.requestedBy() != null) {
      fact(list, "Requested by", migration.requestedBy());
    }
    if (entry.meta().hasNonNull("skipped")) {
      fact(list, "Skipped", Words.start(entry.meta().path("skipped").asText(), LONGEST_TEXT));
    }
    fact(list, "Checksum", Words.start(entry.checksum(), 17));
    return list;
  }

  private String when(Instant instant) {
    return Words.at(instant)
        + (instant.isAfter(parts.now())
            ? ", " + Words.in(instant, parts.now())
            : ", " + Words.ago(instant, parts.now()));
  }

  private String window(Window window) {
    String days =
        window.days().stream()
            .map(day -> day.name().charAt(0) + day.name().substring(1, 3).toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return "%s, %s to %s, %s; %s"
        .formatted(
            days,
            window.from(),
            window.to(),
            window.zone(),
            window.isOpen(parts.now())
                ? "open for "
                    + Words.of(Duration.between(parts.now(), window.closesAt(parts.now())))
                : "opens " + Words.in(window.nextOpening(parts.now()), parts.now()));
  }

  private static String batch(Batch batch) {
    return "of %s by %s; each about %s, %s"
        .formatted(
            Words.start(batch.table(), 120),
            Words.start(String.join(", ", batch.key()), 120),
            seconds(batch.target()),
            Words.plural(batch.parallelism(), "worker"));
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0 ? Words.of(duration) : duration.toMillis() + " ms";
  }

  private static void fact(Html list, String name, String value) {
    list.add(
        Html.of(Tag.DIV)
            .add(Html.of(Tag.DT).text(name))
            .add(Html.of(Tag.DD).add(Html.isolated(value))));
  }
}
