package dev.longhaul.dashboard;

import dev.longhaul.journal.HistoryEntry;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.MigrationSummary;
import dev.longhaul.journal.Survey;
import dev.longhaul.migration.MigrationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What there is to see of one target at a glance.
record Overview(
    String target,
    Map<MigrationStatus, Long> counts,
    List<MigrationSummary> running,
    List<MigrationSummary> failed,
    List<MigrationSummary> waiting,
    List<HistoryEntry> recent) {

  static final int MOST_RUNNING = 12;
  static final int MOST_FAILED = 8;
  private static final int MOST_WAITING = 6;
  private static final int MOST_RECENT = 200;

  static Overview of(Journal journal) {
    Survey survey = new Survey(journal);
    List<MigrationSummary> waiting = new ArrayList<>();
    waiting.addAll(survey.latest(MigrationStatus.STARTED, MOST_WAITING));
    waiting.addAll(survey.latest(MigrationStatus.PAUSED, MOST_WAITING));
    waiting.addAll(survey.latest(MigrationStatus.SCHEDULED, MOST_WAITING));
    return new Overview(
        journal.target(),
        survey.counts(),
        survey.latest(MigrationStatus.IN_PROGRESS, MOST_RUNNING),
        survey.latest(MigrationStatus.ERROR, MOST_FAILED),
        waiting,
        survey.latestTransitions(MOST_RECENT));
  }

  long count(MigrationStatus status) {
    return counts.getOrDefault(status, 0L);
  }
}
