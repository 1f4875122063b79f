package dev.longhaul.local.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.local.template.LocalNames;
import java.io.IOException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/// The event that Lambda makes of a batch of messages, and how it reads the function's answer.
final class SqsEvent {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private SqsEvent() {}

  static byte[] of(List<Message> messages, String queueName) {
    var event = NODES.objectNode();
    var records = event.putArray("Records");
    messages.forEach(message -> records.add(record(message, queueName)));
    return event.toString().getBytes(UTF_8);
  }

  private static ObjectNode record(Message message, String queueName) {
    var record =
        NODES
            .objectNode()
            .put("messageId", message.messageId())
            .put("receiptHandle", message.receiptHandle())
            .put("body", message.body());
    var attributes = record.putObject("attributes");
    new TreeMap<>(message.attributesAsStrings()).forEach(attributes::put);
    record.set("messageAttributes", messageAttributes(message.messageAttributes()));
    record.put("md5OfBody", message.md5OfBody());
    if (message.md5OfMessageAttributes() != null) {
      record.put("md5OfMessageAttributes", message.md5OfMessageAttributes());
    }
    return record
        .put("eventSource", "aws:sqs")
        .put("eventSourceARN", LocalNames.queueArn(queueName))
        .put("awsRegion", LocalNames.REGION);
  }

  private static ObjectNode messageAttributes(Map<String, MessageAttributeValue> attributes) {
    var all = NODES.objectNode();
    new TreeMap<>(attributes)
        .forEach(
            (name, value) -> {
              var attribute = all.putObject(name);
              if (value.stringValue() != null) {
                attribute.put("stringValue", value.stringValue());
              }
              if (value.binaryValue() != null) {
                var bytes = value.binaryValue().asByteArray();
                attribute.put("binaryValue", Base64.getEncoder().encodeToString(bytes));
              }
              attribute.putArray("stringListValues");
              attribute.putArray("binaryListValues");
              attribute.put("dataType", value.dataType());
            });
    return all;
  }

  /// The messages that the function's answer leaves for another try. An answer that makes no sense,
  /// or names a message that was not in the batch, fails the whole batch, as on AWS.
  static Set<String> failures(byte[] answer, List<Message> messages) {
    var all = messages.stream().map(Message::messageId).collect(Collectors.toSet());
    if (answer.length == 0) {
      return Set.of();
    }
    JsonNode failures;
    try {
      failures = JSON.readTree(answer).path("batchItemFailures");
    } catch (IOException _) {
      return all;
    }
    var failed = new HashSet<String>();
    for (var failure : failures) {
      failed.add(failure.path("itemIdentifier").asText(""));
    }
    return all.containsAll(failed) ? failed : all;
  }
}
