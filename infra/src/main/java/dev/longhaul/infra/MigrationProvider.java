package dev.longhaul.infra;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.customresources.Provider;
import software.amazon.awscdk.customresources.WaiterStateMachine;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.FunctionAttributes;
import software.amazon.awscdk.services.lambda.IFunction;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;
import software.constructs.IConstruct;

/// What stands between CloudFormation and the functions, one or two for each stack: CDK's provider
/// framework. It runs outside the VPC, so it reaches CloudFormation also where the functions
/// cannot; and it asks again, where a stack waits.
final class MigrationProvider {
  /// CloudFormation's own patience. The functions give up earlier, and say why.
  private static final Duration LONGEST = Duration.hours(1);

  private final Construct scope;
  private final LogGroup logs;

  private MigrationProvider(Construct scope) {
    this.scope = scope;
    logs =
        LogGroup.Builder.create(scope, "Logs")
            .retention(RetentionDays.ONE_MONTH)
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
  }

  /// @param waits whether it asks again; that takes two more functions and a state machine
  /// @return the service token
  static String tokenFor(Construct user, LonghaulFunctions longhaul, boolean waits) {
    Stack stack = Stack.of(user);
    String deployment = longhaul.getRegistrationFunction().getNode().getAddr().substring(0, 10);
    String id = (waits ? "AwaitedMigrations" : "Migrations") + deployment;
    @Nullable IConstruct found = stack.getNode().tryFindChild(id);
    if (found != null) {
      return ((Provider) found.getNode().findChild("Provider")).getServiceToken();
    }
    MigrationProvider home = new MigrationProvider(new Construct(stack, id));
    Provider provider = waits ? home.waiting(longhaul) : home.registering(longhaul);
    return provider.getServiceToken();
  }

  private Provider registering(LonghaulFunctions longhaul) {
    IFunction registration = live(longhaul.getRegistrationFunction());
    return Provider.Builder.create(scope, "Provider")
        .onEventHandler(registration)
        .frameworkOnEventRole(role("EventRole", registration).withoutPolicyUpdates())
        .logGroup(logs)
        .build();
  }

  private Provider waiting(LonghaulFunctions longhaul) {
    IFunction registration = live(longhaul.getRegistrationFunction());
    IFunction control = live(longhaul.getControlFunction());
    Role events = role("EventRole", registration);
    Provider provider =
        Provider.Builder.create(scope, "Provider")
            .onEventHandler(registration)
            .frameworkOnEventRole(events.withoutPolicyUpdates())
            .isCompleteHandler(control)
            .frameworkCompleteAndTimeoutRole(role("WaitRole", control).withoutPolicyUpdates())
            .queryInterval(Duration.seconds(10))
            .totalTimeout(LONGEST)
            .logGroup(logs)
            .build();
    WaiterStateMachine waiter =
        (WaiterStateMachine) provider.getNode().findChild("waiter-state-machine");
    events.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of("states:StartExecution"))
            .resources(List.of(waiter.getStateMachineArn()))
            .build());
    acknowledge(provider, waiter);
    return provider;
  }

  /// What the framework needs. It would take more: each function the rights of all, on all
  /// versions.
  private Role role(String id, IFunction called) {
    Role role =
        Role.Builder.create(scope, id)
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .build();
    role.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of("logs:CreateLogStream", "logs:PutLogEvents"))
            .resources(List.of(logs.getLogGroupArn()))
            .build());
    role.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            // It looks whether a function that does not answer is being made ready.
            .actions(List.of("lambda:InvokeFunction", "lambda:GetFunction"))
            .resources(List.of(called.getFunctionArn()))
            .build());
    return role;
  }

  /// By the alias, whose versions change in one step.
  private IFunction live(IFunction function) {
    return Function.fromFunctionAttributes(
        scope,
        function.getNode().getId(),
        FunctionAttributes.builder()
            .functionArn(function.getFunctionArn() + ":live")
            .sameEnvironment(true)
            .build());
  }

  private static void acknowledge(Provider provider, WaiterStateMachine waiter) {
    for (String function : List.of("framework-isComplete", "framework-onTimeout")) {
      Acknowledged.anyVersion(
          waiter,
          provider.getNode().findChild(function),
          "CDK's own policy for the state machine: any version of the one function that it calls.");
    }
    Acknowledged.finding(
        waiter,
        "SF1",
        "It repeats one question; the answer, or the error, goes to CloudFormation, whose events"
            + " show it, and the journal has the rest.");
    Acknowledged.finding(
        waiter, "SF2", "It repeats one question every ten seconds; there is nothing to trace.");
  }
}
