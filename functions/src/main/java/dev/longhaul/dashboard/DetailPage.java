package dev.longhaul.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.html.Attribute;
import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.journal.HistoryEntry;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.MigrationSummary;
import dev.longhaul.journal.Survey;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// All that is known of one migration.
record DetailPage(Parts parts) {
  private static final int MOST_TRANSITIONS = 40;
  private static final int LONGEST_TEXT = 4000;
  private static final int LONGEST_SCRIPT = 12_000;
  private static final int MOST_NAMES = 20;

  /// @param dependents what has been built on it, so that it cannot be rolled back
  record Data(
      JournalEntry entry,
      MigrationSummary summary,
      List<HistoryEntry> transitions,
      Map<String, MigrationStatus> dependsOn,
      List<String> dependents) {

    /// @throws Refusal `UnknownMigration`
    static Data of(Journal journal, String name) {
      Survey survey = new Survey(journal);
      Refusal unknown = Refusal.unknown(name, journal.target());
      JournalEntry entry = journal.find(name).orElseThrow(() -> unknown);
      return new Data(
          entry,
          survey.find(name).orElseThrow(() -> unknown),
          survey.latestTransitions(name, MOST_TRANSITIONS),
          journal.statuses(entry.migration().dependsOn().stream().limit(MOST_NAMES).toList()),
          journal.dependents(name, Set.of(MigrationStatus.FINISHED, MigrationStatus.IN_PROGRESS)));
    }

    Button.Situation situation() {
      return new Button.Situation(
          entry.status(),
          entry.direction(),
          entry.stopRequested(),
          entry.steps().inDoubt(),
          entry.nothingIsApplied() || (entry.migration().isReversible() && dependents.isEmpty()));
    }
  }

  List<Html> of(Data data) {
    JournalEntry entry = data.entry();
    String target = entry.migration().target();
    List<Html> page = new ArrayList<>();
    page.add(
        Html.of(Tag.DIV, "lh-top lh-detail")
            .add(
                Html.of(Tag.DIV, "lh-heading")
                    .add(Html.of(Tag.H2).add(Html.isolated(entry.name())))
                    .add(Parts.status(entry.status())))
            .add(parts.actions(data.situation(), target, entry.name())));
    if (entry.status() == MigrationStatus.IN_PROGRESS) {
      ProgressView progress =
          new ProgressView(entry.steps(), entry.run().progress(), entry.run().detachedAt());
      page.add(
          Html.of(Tag.DIV, "lh-card lh-running")
              .add(progress.bar(entry.name()))
              .add(progress.line(parts.now()))
              .addAll(progress.sparkline()));
    }
    if (entry.status() == MigrationStatus.STARTED
        || entry.status() == MigrationStatus.SCHEDULED
        || entry.status() == MigrationStatus.PAUSED) {
      page.add(Html.of(Tag.P, "lh-card").add(Waiting.why(data.summary(), parts)));
    }
    if (entry.meta().path("error").isObject()) {
      page.add(error(entry.meta().path("error")));
    }
    page.addAll(Parts.section("Timeline", "", timeline(data)));
    page.addAll(Parts.section("Facts", "", List.of(facts(data))));
    page.addAll(script("SQL forwards", entry.migration().statementsForwards(), true));
    page.addAll(script("SQL backwards", entry.migration().statementsBackwards(), false));
    return page;
  }

  private static Html error(JsonNode error) {
    Html card =
        Html.of(Tag.DIV, "lh-card lh-failed")
            .add(
                Html.of(Tag.P, "lh-error")
                    .add(Html.of(Tag.CODE, "lh-code", error.path("sqlstate").asText("?")))
                    .text(" ")
                    .add(Html.isolated(text(error, "message"))));
    for (String part : List.of("detail", "hint")) {
      if (error.hasNonNull(part)) {
        card.add(Html.of(Tag.P, "lh-note").add(Html.isolated(text(error, part))));
      }
    }
    if (error.hasNonNull("statement")) {
      card.add(
          Html.of(Tag.P, "lh-note")
              .text("in statement " + error.path("statement_number").asInt())
              .text(
                  error.hasNonNull("position")
                      ? ", at character " + error.path("position").asInt()
                      : ""));
      card.add(
          Html.of(Tag.PRE, "lh-sql").with(Attribute.TABINDEX, "0").text(text(error, "statement")));
    }
    if (error.hasNonNull("next")) {
      card.add(
          Html.of(Tag.P, "lh-next")
              .add(Html.of(Tag.STRONG).text("What to do: "))
              .add(Html.isolated(text(error, "next"))));
    }
    return card;
  }

  private static String text(JsonNode error, String part) {
    return Words.start(error.path(part).asText(), LONGEST_TEXT);
  }

  private List<Html> timeline(Data data) {
    if (data.transitions().isEmpty()) {
      return List.of();
    }
    Html body = Html.of(Tag.TBODY);
    for (HistoryEntry transition : data.transitions()) {
      body.add(
          Html.of(Tag.TR)
              .add(Html.of(Tag.TD, "lh-time", Words.at(transition.at())))
              .add(Html.of(Tag.TD).add(Parts.status(transition.to())))
              .add(Html.of(Tag.TD, "", Integer.toString(transition.attempt())))
              .add(OverviewPage.reason(transition)));
    }
    Html table =
        Html.of(Tag.TABLE, "lh-table")
            .add(Parts.table(List.of("When", "Became", "Attempt", "Why")))
            .add(body);
    return List.of(
        Timeline.of(data.transitions(), data.entry().status().isEnd(), parts.now()), table);
  }

  private Html facts(Data data) {
    JournalEntry entry = data.entry();
    Migration migration = entry.migration();
    Html list = Html.of(Tag.DL, "lh-list");
    fact(list, "Target", migration.target());
    fact(list, "Direction", entry.direction().name().toLowerCase(java.util.Locale.ROOT));
    fact(list, "Steps", "%d of %d done".formatted(entry.steps().done(), entry.steps().total()));
    fact(
        list,
        "Attempts",
        "%d, %d failed since it was last triggered; at most %d"
            .formatted(entry.attempt(), entry.failedAttempts(), migration.maxAttempts()));
    fact(list, "Lambda time billed", Words.ofMillis(entry.run().lambdaMillis()));
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

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0 ? Words.of(duration) : duration.toMillis() + " ms";
  }

  private static void fact(Html list, String name, String value) {
    list.add(
        Html.of(Tag.DIV)
            .add(Html.of(Tag.DT).text(name))
            .add(Html.of(Tag.DD).add(Html.isolated(value))));
  }

  private static List<Html> script(String heading, List<String> statements, boolean open) {
    if (statements.isEmpty()) {
      return List.of(Html.of(Tag.P, "lh-note", heading + ": none, so it cannot be undone."));
    }
    String all = String.join(";\n", statements) + ";";
    Html details =
        Html.of(Tag.DETAILS, "lh-section")
            .add(
                Html.of(Tag.SUMMARY)
                    .text(heading + ", " + Words.plural(statements.size(), "statement")))
            .add(
                Html.of(Tag.PRE, "lh-sql")
                    .with(Attribute.TABINDEX, "0")
                    .text(Words.start(all, LONGEST_SCRIPT)));
    if (all.length() > LONGEST_SCRIPT) {
      details.add(
          Html.of(
              Tag.P,
              "lh-note",
              "The start of %s characters; the journal has the rest."
                  .formatted(Words.number(all.length()))));
    }
    return List.of(open ? details.with(Attribute.OPEN, "open") : details);
  }
}
