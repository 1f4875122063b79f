package dev.longhaul.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cloudformation.CustomResource;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/// A migration that stands in a stack: making it or changing it registers, and waits for nothing.
/// What comes after, to wait and to roll back, is ControlFunction's, which has the right to it.
final class StackRegistration {
  /// Where no time is given. CloudFormation itself gives up after an hour, and cannot say why.
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(50);

  private final UnaryOperator<ObjectNode> registration;

  /// @param registration from the contract's payload to the contract's answer
  StackRegistration(UnaryOperator<ObjectNode> registration) {
    this.registration = registration;
  }

  /// What `Fn::GetAtt` finds.
  ///
  /// @param direct whether nobody asks again later
  /// @throws Refusal for the stack's events
  ObjectNode apply(CustomResource resource, boolean direct) {
    return switch (resource.request()) {
      case Create, Update -> register(resource, direct);
      // The journal keeps the migration, and this asks no database: a stack can be deleted when it
      // is gone. Nor does it matter whether the migration has ever been recorded.
      case Delete ->
          resource.rollsBackOnDelete() ? waiting(resource) : JsonFunction.JSON.createObjectNode();
    };
  }

  private ObjectNode register(CustomResource resource, boolean direct) {
    boolean waits = resource.waitFor().isPresent();
    boolean rollsBack = resource.rollsBackOnDelete();
    if (direct && (waits || rollsBack)) {
      throw Refusal.invalid(
          "%s: needs somebody who asks again, which CloudFormation itself does not; use the CDK construct SqlMigration, or leave it out"
              .formatted(waits ? "wait_for" : "rollback_on_delete"));
    }
    ObjectNode registered = registration.apply(resource.migration());
    ObjectNode data = waits ? waiting(resource) : JsonFunction.JSON.createObjectNode();
    registered.properties().forEach(field -> data.put(field.getKey(), field.getValue().asText()));
    return data;
  }

  private static ObjectNode waiting(CustomResource resource) {
    return JsonFunction.JSON
        .createObjectNode()
        .put("wait_until", Instant.now().plus(resource.waitFor().orElse(LONGEST_WAIT)).toString());
  }
}
