package dev.longhaul.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/// The event that Lambda makes of a message.
final class SqsEvent {
  private SqsEvent() {}

  /// @param migration that the message names
  static String of(String migration) {
    var event = JsonNodeFactory.instance.objectNode();
    var record = event.putArray("Records").addObject();
    record
        .put("messageId", "19dd0b57-b21e-4ac1-bd88-01bbb068cb78")
        .put("receiptHandle", "none")
        .put(
            "body",
            JsonNodeFactory.instance
                .objectNode()
                .put("target", "main")
                .put("migration_name", migration)
                .toString())
        .put("md5OfBody", "none")
        .put("eventSource", "aws:sqs")
        .put("eventSourceARN", "arn:aws:sqs:us-east-1:123456789012:longhaul")
        .put("awsRegion", "us-east-1");
    record.putObject("attributes").put("ApproximateReceiveCount", "1");
    record.putObject("messageAttributes");
    return event.toString();
  }
}
