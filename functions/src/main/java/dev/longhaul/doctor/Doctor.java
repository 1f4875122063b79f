package dev.longhaul.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.payload.Fields;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.payload.TargetField;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// All that can be told from inside of a function. What only a person's rights can see, queues and
/// rules and other functions, the command line looks at by itself.
///
/// @param user whose login the function has: what it can do is found out by being it
public record Doctor(Longhaul longhaul, User user) {
  private static final String ACTION = "doctor";

  /// The users of docs/security.md, which may be one and the same.
  public enum User {
    /// Registers, triggers, steers; runs no SQL of migrations.
    REGISTRAR,

    /// Runs migrations.
    RUNNER
  }

  public static boolean isAsked(ObjectNode payload) {
    return payload.path("action").asText().equals(ACTION);
  }

  /// Examines the targets that `target` names, or all. A runner's answer is about databases alone:
  /// the rest is the same for all functions.
  ///
  /// @return `{"checks": [{"check", "target", "level", "finding", "mend"}], "queue_url",
  ///   "event_bus_name", "sweep_rule_name", "now"}`, of which the names are empty where there is
  ///   none
  /// @throws dev.longhaul.migration.Refusal `InvalidMigration`
  public ObjectNode answer(ObjectNode payload) {
    Fields fields = new Fields(payload);
    fields.string("action");
    List<String> named = TargetField.names(fields, longhaul.targets());
    fields.requestedBy();
    fields.refuseUnknown();
    fields.refuseProblems();
    return examine(named.isEmpty() ? longhaul.targets().names() : named);
  }

  private ObjectNode examine(Collection<String> targets) {
    List<Finding> findings = new ArrayList<>();
    boolean prunes = longhaul.historyRetention().isPresent();
    for (String name : targets) {
      findings.addAll(
          new DatabaseExamination(longhaul.targets().get(name), user, prunes).findings());
    }
    if (user == User.REGISTRAR) {
      findings.add(reach("SQS", "sqs", longhaul.queue().unreachable()));
      if (longhaul.events().isEnabled()) {
        findings.add(reach("EventBridge", "events", longhaul.events().unreachable()));
      }
    }
    ObjectNode answer = JsonFunction.JSON.createObjectNode();
    ArrayNode checks = answer.putArray("checks");
    findings.forEach(finding -> checks.add(finding.toJson()));
    return answer
        .put("queue_url", longhaul.queue().url())
        .put("event_bus_name", longhaul.events().bus())
        .put("sweep_rule_name", longhaul.sweepRule().name())
        .put("now", Instant.now().toString());
  }

  private static Finding reach(String service, String endpoint, String problem) {
    String check = "endpoint " + endpoint;
    return problem.isEmpty()
        ? Finding.ok(check, null, service + " answers")
        : Finding.fail(
            check,
            null,
            service + " does not answer: " + problem,
            "Give the functions' subnets a NAT, or let the stack make the endpoint (%sEndpoint: \"true\", with VpcId)."
                .formatted(service.equals("SQS") ? "Sqs" : service));
  }
}
