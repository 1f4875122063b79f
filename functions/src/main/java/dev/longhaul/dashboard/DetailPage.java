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
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
          journal.builtOn(name));
    }

    Button.Situation situation() {
      return new Button.Situation(
          entry.status(),
          entry.direction(),
          entry.stopRequested(),
          entry.isDoubtForAPerson(),
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
              .add(parts.progress(progress, entry.times().started()))
              .addAll(progress.sparkline())
              .addAll(
                  progress.details().stream()
                      .map(detail -> Html.of(Tag.P, "lh-note").add(Html.isolated(detail)))
                      .toList()));
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
    page.addAll(Parts.section("Facts", "", List.of(new Facts(data, parts).list())));
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
    boolean isOver = data.entry().status().isEnd();
    List<Duration> lengths = Timeline.lengths(data.transitions(), isOver, parts.now());
    Html body = Html.of(Tag.TBODY);
    for (int i = 0; i < data.transitions().size(); i++) {
      HistoryEntry transition = data.transitions().get(i);
      body.add(
          Html.of(Tag.TR)
              .add(Html.of(Tag.TD, "lh-time", Words.at(transition.at())))
              .add(Html.of(Tag.TD).add(Parts.status(transition.to())))
              .add(Html.of(Tag.TD, "lh-time", i == 0 && isOver ? "" : Words.took(lengths.get(i))))
              .add(
                  Html.of(
                      Tag.TD,
                      "lh-time lh-attempt",
                      transition.attempt() == 0 ? "" : Integer.toString(transition.attempt())))
              .add(OverviewPage.reason(transition)));
    }
    Html table =
        Html.of(Tag.TABLE, "lh-table lh-history")
            .add(Parts.table(List.of("When", "Became", "For", "Attempt", "Why")))
            .add(body);
    return List.of(Timeline.of(data.transitions(), lengths), table);
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
