package dev.longhaul.archive;

/// Where an index build of the table `t` can be, in order, in the words of
/// `pg_stat_progress_create_index`
/// (<https://www.postgresql.org/docs/current/progress-reporting.html#CREATE-INDEX-PHASES>).
/// `initializing` is left out: the build waits for nobody there and asks nobody.
enum BuildPhase {
  /// Before there is a progress row.
  TABLE_LOCK("waiting for the lock of the table"),
  WRITERS("waiting for writers before build"),
  SCAN("building index: scanning table"),
  SORT("building index: sorting live tuples"),
  LOAD("building index: loading tuples in tree"),
  LATER_WRITERS("waiting for writers before validation"),
  INDEX_VALIDATION("index validation: scanning index"),
  VALIDATION_SORT("index validation: sorting tuples"),
  TABLE_VALIDATION("index validation: scanning table"),
  SNAPSHOTS("waiting for old snapshots");

  private final String label;

  BuildPhase(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /// Whether the build calls no function of ours and waits for nobody, so that its process has to
  /// be stopped there.
  boolean isStopped() {
    return this == INDEX_VALIDATION || this == VALIDATION_SORT;
  }

  @Override
  public String toString() {
    return label;
  }
}
