package dev.longhaul.dashboard;

import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.MigrationSummary;
import dev.longhaul.journal.Survey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Migrations by name, a page at a time.
record ListPage(Parts parts, WidgetRequest request, boolean severalTargets) {
  static final int ROWS = 30;

  /// One target's share of a page.
  record Found(String target, List<MigrationSummary> migrations) {
    static Found of(String target, Survey survey, WidgetRequest request) {
      return new Found(
          target,
          survey.list(
              new Survey.Filter(request.statuses(), request.nameContains(), request.before()),
              ROWS + 1));
    }
  }

  private record Row(String target, MigrationSummary migration) {}

  List<Html> of(List<Found> targets) {
    List<Row> all =
        targets.stream()
            .flatMap(found -> found.migrations().stream().map(m -> new Row(found.target(), m)))
            .sorted(
                Comparator.comparing((Row row) -> row.migration().name())
                    .reversed()
                    .thenComparing(Row::target))
            .toList();
    List<Row> shown = page(all);
    if (shown.isEmpty()) {
      return List.of(
          Html.of(
              Tag.P,
              "lh-empty",
              request.before() == null
                  ? "No migration is like that."
                  : "There are no more migrations like that."),
          turning(all, shown));
    }
    List<String> heads = new ArrayList<>(List.of("Migration", "Status", "How it is", "Since", ""));
    if (severalTargets) {
      heads.add(1, "Target");
    }
    Html body = Html.of(Tag.TBODY);
    shown.forEach(row -> body.add(row(row)));
    Html head = Parts.table(heads);
    return List.of(Html.of(Tag.TABLE, "lh-table").add(head).add(body), turning(all, shown));
  }

  /// A page ends between two names, never between two targets that both have one: the next page
  /// begins behind a name.
  private static List<Row> page(List<Row> all) {
    if (all.size() <= ROWS) {
      return all;
    }
    String last = all.get(ROWS - 1).migration().name();
    return all.stream().filter(row -> row.migration().name().compareTo(last) >= 0).toList();
  }

  private Html turning(List<Row> all, List<Row> shown) {
    Html turning = Html.of(Tag.DIV, "lh-turning");
    if (request.before() != null) {
      turning.addAll(parts.open("lh-button", "First page", request.page(null)));
    }
    if (all.size() > shown.size()) {
      turning.addAll(
          parts.open("lh-button", "Next page", request.page(shown.getLast().migration().name())));
    }
    return turning;
  }

  private Html row(Row row) {
    MigrationSummary migration = row.migration();
    Html html =
        Html.of(Tag.TR)
            .add(
                Html.of(Tag.TD, "lh-wrap lh-key")
                    .addAll(parts.openMigration(row.target(), migration.name())));
    if (severalTargets) {
      html.add(Html.of(Tag.TD).add(Html.isolated(row.target())));
    }
    return html.add(Html.of(Tag.TD).add(Parts.status(migration.status())))
        .add(Html.of(Tag.TD, "lh-wrap lh-how").add(state(migration)))
        .add(Html.of(Tag.TD).add(parts.ago(migration.times().changed())))
        .add(
            Html.of(Tag.TD, "lh-right")
                .add(
                    parts.actions(
                        OverviewPage.situation(migration), row.target(), migration.name())));
  }

  private Html state(MigrationSummary migration) {
    return switch (migration.status()) {
      case IN_PROGRESS ->
          words(
              String.join(
                  " · ",
                  new ProgressView(
                          migration.steps(),
                          migration.run().progress(),
                          migration.run().detachedAt())
                      .facts(parts.now()).stream().limit(4).toList()));
      case ERROR -> words(Words.start(migration.meta().at("/error/message").asText(), 90));
      case STARTED, SCHEDULED, PAUSED -> Waiting.why(migration, parts);
      case FINISHED, ROLLED_BACK -> words(took(migration.times()));
      case CANCELLED ->
          words(
              "%d of %s done"
                  .formatted(
                      migration.steps().done(), Words.plural(migration.steps().total(), "step")));
    };
  }

  private static String took(JournalEntry.Times times) {
    return times.started() == null || times.finished() == null
        ? ""
        : "took " + Words.took(Duration.between(times.started(), times.finished()));
  }

  private static Html words(String text) {
    return Html.isolated(text);
  }
}
