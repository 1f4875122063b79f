package dev.longhaul.metrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.logging.Log;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// One line of metrics
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
/// What identifies the invocation stands beside the values as plain properties, which can be
/// searched for and cost nothing; only dimensions make a metric of its own.
final class EmbeddedLine {
  private static final String NAMESPACE = "Longhaul";

  /// How many values a metric may have in one line.
  static final int MOST_VALUES = 100;

  private final ObjectNode line = JsonNodeFactory.instance.objectNode();
  private final ArrayNode metrics;

  /// @param dimensions names and values, in order; at most a handful of values a name
  EmbeddedLine(Map<String, String> dimensions) {
    ObjectNode metadata = line.putObject("_aws").put("Timestamp", Instant.now().toEpochMilli());
    ObjectNode directive = metadata.putArray("CloudWatchMetrics").addObject();
    directive.put("Namespace", NAMESPACE);
    ArrayNode names = directive.putArray("Dimensions").addArray();
    dimensions.forEach(
        (name, value) -> {
          names.add(name);
          line.put(name, value);
        });
    metrics = directive.putArray("Metrics");
  }

  EmbeddedLine with(Metric metric, long value) {
    declare(metric);
    line.put(metric.label(), value);
    return this;
  }

  EmbeddedLine with(Metric metric, double value) {
    declare(metric);
    line.put(metric.label(), value);
    return this;
  }

  EmbeddedLine with(Metric metric, List<Double> values) {
    declare(metric);
    ArrayNode array = line.putArray(metric.label());
    values.forEach(array::add);
    return this;
  }

  private void declare(Metric metric) {
    metrics.addObject().put("Name", metric.label()).put("Unit", metric.unit());
  }

  void write() {
    Log.metrics(line);
  }
}
