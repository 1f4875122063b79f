package dev.longhaul.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.journal.HistoryEntry;
import dev.longhaul.journal.Meta;
import dev.longhaul.journal.MigrationSummary;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What runs, what is stuck and why, what waits and for what, and what happened last.
///
/// @param severalTargets whether a target has to be named beside each migration
record OverviewPage(Parts parts, WidgetRequest request, boolean severalTargets) {
  private static final int LONGEST_ERROR = 280;
  private static final int MOST_RECENT = 12;

  /// A migration with its target.
  private record Row(String target, MigrationSummary migration) {}

  /// @param took of the attempt that it was the end of; null for an end without one
  private record Happened(String target, HistoryEntry transition, @Nullable Duration took) {}

  List<Html> of(List<Overview> targets) {
    List<Html> page = new ArrayList<>();
    page.add(counts(targets));
    if (targets.stream().allMatch(target -> target.counts().isEmpty()) && !targets.isEmpty()) {
      page.add(
          Html.of(
              Tag.P,
              "lh-empty",
              "Nothing is registered yet. A pipeline registers migrations with"
                  + " RegistrationFunction; they appear here at once."));
      return page;
    }
    page.addAll(
        Parts.section(
            "Running",
            more(
                targets,
                Set.of(MigrationStatus.IN_PROGRESS),
                rows(targets, Overview::running).size()),
            rows(targets, Overview::running).stream().map(this::running).toList()));
    page.addAll(
        Parts.section(
            "Failed",
            more(targets, Set.of(MigrationStatus.ERROR), rows(targets, Overview::failed).size()),
            rows(targets, Overview::failed).stream().map(this::failed).toList()));
    page.addAll(
        Parts.section(
            "Waiting",
            more(
                targets,
                Set.of(MigrationStatus.STARTED, MigrationStatus.PAUSED, MigrationStatus.SCHEDULED),
                rows(targets, Overview::waiting).size()),
            rows(targets, Overview::waiting).stream().map(this::waiting).toList()));
    if (rows(targets, Overview::running).isEmpty()
        && rows(targets, Overview::failed).isEmpty()
        && rows(targets, Overview::waiting).isEmpty()
        && !targets.isEmpty()) {
      page.add(Html.of(Tag.P, "lh-empty", "All is quiet: nothing runs, waits or has failed."));
    }
    page.addAll(Parts.section("Ended lately", "", recent(targets)));
    return page;
  }

  private static List<Row> rows(
      List<Overview> targets, Function<Overview, List<MigrationSummary>> part) {
    return targets.stream()
        .flatMap(target -> part.apply(target).stream().map(m -> new Row(target.target(), m)))
        .toList();
  }

  private static String more(List<Overview> targets, Set<MigrationStatus> statuses, int shown) {
    long all =
        targets.stream().flatMapToLong(target -> statuses.stream().mapToLong(target::count)).sum();
    return all > shown
        ? "the latest %d of %s; the numbers above lead to all".formatted(shown, Words.number(all))
        : "";
  }

  private Html counts(List<Overview> targets) {
    Html row = Html.of(Tag.DIV, "lh-counts");
    for (MigrationStatus status :
        List.of(
            MigrationStatus.IN_PROGRESS,
            MigrationStatus.STARTED,
            MigrationStatus.SCHEDULED,
            MigrationStatus.PAUSED,
            MigrationStatus.ERROR,
            MigrationStatus.FINISHED,
            MigrationStatus.CANCELLED,
            MigrationStatus.ROLLED_BACK)) {
      long count = targets.stream().mapToLong(target -> target.count(status)).sum();
      String quiet = count == 0 ? " lh-none" : "";
      Html number =
          Parts.button("lh-count lh-" + Parts.cssName(status) + quiet)
              .add(Html.of(Tag.STRONG).text(Words.number(count)))
              .add(Html.of(Tag.SPAN).text(status.label()));
      row.addAll(parts.open(number, request.listOf(status)));
    }
    return row;
  }

  private Html name(Row row) {
    Html name =
        Html.of(Tag.SPAN, "lh-title")
            .addAll(parts.openMigration(row.target(), row.migration().name()));
    if (severalTargets) {
      name.add(Html.of(Tag.SPAN, "lh-target", row.target()));
    }
    if (row.migration().direction() == Direction.BACKWARDS) {
      name.add(Html.of(Tag.SPAN, "lh-target", "rolling back"));
    }
    return name;
  }

  static Button.Situation situation(MigrationSummary migration) {
    return new Button.Situation(
        migration.status(),
        migration.direction(),
        migration.stopRequested(),
        migration.steps().inDoubt() && Meta.isOutcomeUnknown(migration.meta()),
        false);
  }

  private Html top(Row row) {
    return Html.of(Tag.DIV, "lh-top")
        .add(name(row))
        .add(parts.actions(situation(row.migration()), row.target(), row.migration().name()));
  }

  private Html running(Row row) {
    MigrationSummary migration = row.migration();
    ProgressView progress =
        new ProgressView(
            migration.steps(), migration.run().progress(), migration.run().detachedAt());
    Html line = parts.progress(progress, migration.times().started());
    if (migration.stopRequested() != null) {
      line.add(
          Html.of(
              Tag.SPAN,
              "lh-fact lh-brake",
              migration.stopRequested() == MigrationStatus.PAUSED
                  ? "pauses as soon as it can"
                  : "is being cancelled"));
    }
    return Html.of(Tag.DIV, "lh-card lh-running")
        .add(top(row))
        .add(progress.bar(migration.name()))
        .add(line);
  }

  private Html failed(Row row) {
    JsonNode error = row.migration().meta().path("error");
    Html message =
        Html.of(Tag.P, "lh-error")
            .add(Html.of(Tag.CODE, "lh-code", error.path("sqlstate").asText("?")))
            .text(" ")
            .add(Html.isolated(Words.start(error.path("message").asText(), LONGEST_ERROR)));
    Html card = Html.of(Tag.DIV, "lh-card lh-failed").add(top(row)).add(message);
    if (error.hasNonNull("next")) {
      card.add(
          Html.of(Tag.P, "lh-next")
              .add(Html.of(Tag.STRONG).text("What to do: "))
              .add(Html.isolated(Words.start(error.path("next").asText(), LONGEST_ERROR))));
    }
    return card.add(
        Html.of(Tag.DIV, "lh-facts")
            .add(
                Html.of(Tag.SPAN, "lh-fact")
                    .text("failed ")
                    .add(parts.ago(row.migration().times().changed())))
            .add(Html.of(Tag.SPAN, "lh-fact", Words.plural(row.migration().attempt(), "attempt"))));
  }

  private Html waiting(Row row) {
    return Html.of(Tag.DIV, "lh-row")
        .add(Parts.status(row.migration().status()))
        .add(name(row))
        .add(Html.of(Tag.SPAN, "lh-why").add(Waiting.why(row.migration(), parts)))
        .add(parts.actions(situation(row.migration()), row.target(), row.migration().name()));
  }

  private List<Html> recent(List<Overview> targets) {
    List<Happened> happened =
        targets.stream()
            .flatMap(target -> ended(target).stream())
            .sorted(Comparator.comparing((Happened h) -> h.transition().at()).reversed())
            .limit(MOST_RECENT)
            .toList();
    if (happened.isEmpty()) {
      return List.of();
    }
    Html body = Html.of(Tag.TBODY);
    for (Happened one : happened) {
      HistoryEntry entry = one.transition();
      Html name =
          Html.of(Tag.TD, "lh-wrap lh-key")
              .addAll(parts.openMigration(one.target(), entry.migrationName()));
      if (severalTargets) {
        name.add(Html.of(Tag.SPAN, "lh-target", one.target()));
      }
      body.add(
          Html.of(Tag.TR)
              .add(Html.of(Tag.TD).add(parts.ago(entry.at())))
              .add(Html.of(Tag.TD).add(Parts.status(entry.to())))
              .add(name)
              .add(how(one)));
    }
    return List.of(
        Html.of(Tag.TABLE, "lh-table")
            .add(Parts.table(List.of("When", "Became", "Migration", "How")))
            .add(body));
  }

  /// The last transition of each migration, if it was its end: the others stand further up.
  private static List<Happened> ended(Overview target) {
    Map<String, List<HistoryEntry>> transitions =
        target.recent().stream()
            .collect(
                Collectors.groupingBy(
                    HistoryEntry::migrationName, LinkedHashMap::new, Collectors.toList()));
    return transitions.values().stream()
        .filter(own -> own.getFirst().to().isEnd())
        .filter(own -> own.getFirst().to() != MigrationStatus.ERROR)
        .map(own -> new Happened(target.target(), own.getFirst(), took(own)))
        .toList();
  }

  /// The last attempt, whatever was set meanwhile. Null where its beginning is too long ago to be
  /// among the latest transitions of all.
  static @Nullable Duration took(List<HistoryEntry> latestFirst) {
    HistoryEntry end = latestFirst.getFirst();
    return latestFirst.stream()
        .skip(1)
        .takeWhile(entry -> entry.to() == MigrationStatus.IN_PROGRESS)
        .takeWhile(entry -> entry.attempt() == end.attempt())
        .reduce((_, earlier) -> earlier)
        .map(begin -> Duration.between(begin.at(), end.at()))
        .orElse(null);
  }

  /// How long it took, if that is all that there is to say.
  private static Html how(Happened one) {
    return one.took() == null || one.transition().requestedBy() != null
        ? reason(one.transition())
        : Html.of(
            Tag.TD,
            "lh-how",
            (one.transition().attempt() > 1
                    ? "attempt %d took ".formatted(one.transition().attempt())
                    : "took ")
                + Words.took(one.took()));
  }

  static Html reason(HistoryEntry entry) {
    Html cell = Html.of(Tag.TD, "lh-wrap");
    if (entry.reason() != null) {
      cell.add(Html.isolated(Words.start(entry.reason(), 160)));
    }
    if (entry.requestedBy() != null) {
      cell.text(entry.reason() == null ? "by " : ", by ")
          .add(Html.isolated(Words.start(entry.requestedBy(), 80)));
    }
    return cell;
  }
}
