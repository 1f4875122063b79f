package dev.longhaul.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// A request of CloudFormation about one migration in a stack. Its `ResourceProperties` hold the
/// fields of the contract, and two of their own: `wait_for`, in seconds, and `rollback_on_delete`.
///
/// It may come from CloudFormation itself, which waits for an answer at `ResponseURL`, or from
/// CDK's provider framework, which wants the answer returned. The framework passes the real
/// `ResponseURL` on, so that tells nothing; but `ServiceToken` is the function that CloudFormation
/// has called.
public record CustomResource(ObjectNode event) {
  private static final Set<String> OURS =
      Set.of("ServiceToken", "ServiceTimeout", "wait_for", "rollback_on_delete");

  /// CloudFormation makes a string of every value.
  private static final Set<String> BOOLEANS = Set.of("apply_on_sqlite", "execute_immediately");

  private static final Set<String> NUMBERS =
      Set.of(
          "max_attempts",
          "lock_timeout",
          "detach_after",
          "size",
          "target_ms",
          "parallelism",
          "stripes");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Pattern DECIMAL = Pattern.compile("\\d{1,9}\\.\\d{1,9}");

  /// In characters. CloudFormation takes answers of 4,096 bytes, and CDK's provider framework adds
  /// a stack trace to the reason.
  public static final int LONGEST_REASON = 1_200;

  /// CloudFormation's own limit, in bytes.
  private static final int LONGEST_ID = 1024;

  /// `arn:aws:lambda:us-east-1:123456789012:function:name`, without an alias or version.
  private static final Pattern FUNCTION = Pattern.compile("((?:[^:]*:){6}[^:]+)(?::.*)?");

  public enum Request {
    Create,
    Update,
    Delete
  }

  public static boolean isAbout(ObjectNode payload) {
    return payload.has("RequestType");
  }

  /// @throws Refusal `InvalidMigration`
  public Request request() {
    String type = event.path("RequestType").asText();
    for (Request request : Request.values()) {
      if (request.name().equals(type)) {
        return request;
      }
    }
    throw Refusal.invalid("RequestType: must be Create, Update or Delete");
  }

  /// Whether CloudFormation itself has called, and waits for an answer at `ResponseURL`.
  ///
  /// @param invoked the ARN that the function was invoked by
  public boolean isDirect(String invoked) {
    String token = properties().path("ServiceToken").asText();
    return event.hasNonNull("ResponseURL")
        && (token.isEmpty() || withoutQualifier(token).equals(withoutQualifier(invoked)));
  }

  private static String withoutQualifier(String arn) {
    return FUNCTION.matcher(arn).replaceFirst("$1");
  }

  /// The migration as the contract has it.
  ///
  /// @throws Refusal `InvalidMigration` if CloudFormation could not know it by its name
  public ObjectNode migration() {
    if (!hasId()) {
      throw Refusal.invalid(
          "migration_name: too long for CloudFormation, which takes %,d bytes together with the target; shorten it"
              .formatted(LONGEST_ID));
    }
    if (properties().path("target").isArray() || target().equals("*")) {
      throw Refusal.invalid("target: a resource has one; make a resource for each target");
    }
    ObjectNode migration = typed(properties());
    migration.remove(OURS);
    migration.put("requested_by", person());
    return migration;
  }

  /// Who asks: the stack, if the properties name nobody. A stack's id is
  /// `arn:aws:cloudformation:us-east-1:123456789012:stack/name/id`.
  public String person() {
    String[] parts = event.path("StackId").asText().split("/", -1);
    return properties()
        .path("requested_by")
        .asText("CloudFormation" + (parts.length == 3 ? " stack " + parts[1] : ""));
  }

  public String name() {
    return properties().path("migration_name").asText();
  }

  public String target() {
    return properties().path("target").asText(Migration.DEFAULT_TARGET);
  }

  /// How long the stack waits for FINISHED, or for ROLLED BACK; empty if it goes on at once.
  ///
  /// @throws Refusal `InvalidMigration`
  public Optional<Duration> waitFor() {
    String text = properties().path("wait_for").asText("");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!NUMBER.matcher(text).matches()) {
      throw Refusal.invalid("wait_for: must be a whole number of seconds");
    }
    return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
  }

  /// Whether the migration is undone when it is taken out of the stack. By default it is not:
  /// deleting a stack must not change data.
  ///
  /// @throws Refusal `InvalidMigration`
  public boolean rollsBackOnDelete() {
    String text = properties().path("rollback_on_delete").asText("false");
    if (!text.equals("true") && !text.equals("false")) {
      throw Refusal.invalid("rollback_on_delete: must be true or false");
    }
    return text.equals("true");
  }

  /// By when what is waited for has to be there; it was fixed when the waiting began.
  public Instant deadline() {
    try {
      return Instant.parse(event.at("/Data/wait_until").asText());
    } catch (DateTimeException e) {
      throw Refusal.invalid("Data.wait_until: must be what RegistrationFunction has answered");
    }
  }

  /// What CloudFormation knows the migration by: another name is another migration.
  private String id() {
    return target() + "/" + name();
  }

  private boolean hasId() {
    return id().getBytes(StandardCharsets.UTF_8).length <= LONGEST_ID;
  }

  /// The answer for CDK's provider framework. A deletion must keep the id.
  ///
  /// @param data what `Fn::GetAtt` finds
  public ObjectNode answer(ObjectNode data) {
    ObjectNode answer =
        JsonFunction.JSON
            .createObjectNode()
            .put(
                "PhysicalResourceId",
                request() == Request.Delete ? event.path("PhysicalResourceId").asText() : id());
    answer.set("Data", data);
    return answer;
  }

  /// The answer for CloudFormation itself.
  public ObjectNode succeeded(ObjectNode data) {
    return about("SUCCESS").setAll(answer(data));
  }

  /// The same for what was refused or went wrong. A resource that could not be changed stays what
  /// it was; one that could not be made must have an id nonetheless, by which it is deleted next.
  public ObjectNode failed(String reason) {
    String id = event.path("PhysicalResourceId").asText("");
    if (id.isEmpty()) {
      id = hasId() ? id() : event.path("RequestId").asText();
    }
    return about("FAILED").put("Reason", reason).put("PhysicalResourceId", id);
  }

  private ObjectNode about(String status) {
    ObjectNode answer = JsonFunction.JSON.createObjectNode().put("Status", status);
    for (String field : new String[] {"StackId", "RequestId", "LogicalResourceId"}) {
      answer.put(field, event.path(field).asText());
    }
    return answer;
  }

  private JsonNode properties() {
    return event.path("ResourceProperties");
  }

  private static ObjectNode typed(JsonNode object) {
    ObjectNode typed = JsonFunction.JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      typed.set(field.getKey(), typed(field.getKey(), field.getValue()));
    }
    return typed;
  }

  private static JsonNode typed(String field, JsonNode value) {
    if (field.equals("health")) {
      return limits(value);
    }
    if (value.isObject()) {
      return typed(value);
    }
    String text = value.asText();
    if (BOOLEANS.contains(field) && (text.equals("true") || text.equals("false"))) {
      return BooleanNode.valueOf(text.equals("true"));
    }
    return NUMBERS.contains(field) && NUMBER.matcher(text).matches()
        ? IntNode.valueOf(Integer.parseInt(text))
        : value;
  }

  /// Of the database's health none is text.
  private static JsonNode limits(JsonNode value) {
    if (value.isObject()) {
      ObjectNode typed = JsonFunction.JSON.createObjectNode();
      value.properties().forEach(field -> typed.set(field.getKey(), limits(field.getValue())));
      return typed;
    }
    if (value.isArray()) {
      ArrayNode typed = JsonFunction.JSON.createArrayNode();
      value.forEach(element -> typed.add(limits(element)));
      return typed;
    }
    String text = value.asText();
    if (text.equals("true") || text.equals("false")) {
      return BooleanNode.valueOf(text.equals("true"));
    }
    if (NUMBER.matcher(text).matches()) {
      return IntNode.valueOf(Integer.parseInt(text));
    }
    return DECIMAL.matcher(text).matches() ? DecimalNode.valueOf(new BigDecimal(text)) : value;
  }
}
