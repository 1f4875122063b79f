package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Looks whether a deployment can do its work. What only the functions reach, the databases, they
/// look at; queues, rules and the functions themselves are looked at with the caller's own rights.
@Command(
    name = "doctor",
    description =
        "Look whether everything is in order: databases, rights, queues, rules, functions, clocks;"
            + " and say how to mend what is not.",
    footer = {
      "",
      "One line for each check: ok, warn (it works, but not all of it, or not for long), fail.",
      "It changes nothing.",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:no check has failed", "1:at least one has"})
final class DoctorCommand extends FunctionCommand {
  private static final int FAILED = 1;

  @Mixin private Target.Several targets = new Target.Several();

  @Override
  int run(Functions functions) {
    List<Diagnosis> all = new ArrayList<>();
    Deployment deployment = new Deployment(functions, functions.address().isLoopback());
    all.addAll(deployment.functions());
    ObjectNode payload = action("doctor", null, null);
    targets.addTo(payload);
    try {
      Functions.Timed timed = functions.invokeTimed(Functions.CONTROL, payload);
      timed.answer().path("checks").forEach(check -> all.add(Diagnosis.read(check)));
      all.addAll(deployment.runner(payload));
      all.addAll(deployment.clock(timed.skew()));
      all.addAll(deployment.queues(timed.answer().path("queue_url").asText("")));
      all.addAll(
          deployment.rules(
              timed.answer().path("sweep_rule_name").asText(""),
              timed.answer().path("event_bus_name").asText("")));
    } catch (Refusal refusal) {
      all.add(
          Diagnosis.fail(
              "databases",
              String.valueOf(refusal.getMessage()),
              "Deploy the functions again if they are older than this program; else see their"
                  + " log."));
    } catch (Failure failure) {
      all.add(
          Diagnosis.fail(
              "databases",
              String.valueOf(failure.getMessage()),
              "Mend this first: nothing else can be looked at."));
    }
    print(all);
    return all.stream().anyMatch(Diagnosis::isFailure) ? FAILED : DONE;
  }

  private void print(List<Diagnosis> all) {
    if (json()) {
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      var list = answer.putArray("checks");
      all.forEach(one -> list.add(one.toJson()));
      printJson((JsonNode) answer);
      return;
    }
    for (Diagnosis one : all) {
      out().println(one.line());
    }
  }
}
