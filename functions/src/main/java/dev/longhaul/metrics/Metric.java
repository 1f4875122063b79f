package dev.longhaul.metrics;

/// The metrics, with the names and units that CloudWatch shows. docs/metrics.md says what each
/// counts.
public enum Metric {
  MIGRATIONS_STARTED("MigrationsStarted", "Count"),
  MIGRATIONS_FINISHED("MigrationsFinished", "Count"),
  MIGRATIONS_FAILED("MigrationsFailed", "Count"),
  MIGRATIONS_RETRIED("MigrationsRetried", "Count"),
  ROWS_PROCESSED("RowsProcessed", "Count"),
  BATCH_DURATION("BatchDuration", "Milliseconds"),
  THROTTLED_SECONDS("ThrottledSeconds", "Seconds"),
  LAMBDA_DURATION("LambdaDuration", "Milliseconds"),
  MIGRATIONS_IN_ERROR("MigrationsInError", "Count"),
  MIGRATIONS_WITHOUT_PROGRESS("MigrationsWithoutProgress", "Count"),
  EVENTS_UNPUBLISHED("EventsUnpublished", "Count"),
  OLDEST_EVENT("OldestEvent", "Seconds");

  private final String label;
  private final String unit;

  Metric(String label, String unit) {
    this.label = label;
    this.unit = unit;
  }

  public String label() {
    return label;
  }

  /// As <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html> has
  /// them.
  public String unit() {
    return unit;
  }
}
