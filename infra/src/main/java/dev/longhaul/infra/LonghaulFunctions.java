package dev.longhaul.infra;

import java.util.List;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.GrantOnPrincipalOptions;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.FunctionAttributes;
import software.amazon.awscdk.services.lambda.IFunction;
import software.constructs.Construct;

/// The functions that people, pipelines and stacks call, wherever they have been deployed; and the
/// rights to call them, each for one purpose. Who may register may run any SQL as the functions'
/// database user.
public interface LonghaulFunctions {
  IFunction getRegistrationFunction();

  IFunction getTriggerFunction();

  IFunction getControlFunction();

  IFunction getDashboardFunction();

  /// What a stack of that name has deployed in this account and region, by SAM or by CDK.
  static LonghaulFunctions fromStackName(Construct scope, String id, String stackName) {
    Construct functions = new Construct(scope, id);
    return new LonghaulFunctions() {
      private final IFunction registration = imported("RegistrationFunction");
      private final IFunction trigger = imported("TriggerFunction");
      private final IFunction control = imported("ControlFunction");
      private final IFunction dashboard = imported("DashboardFunction");

      private IFunction imported(String name) {
        ArnComponents arn =
            ArnComponents.builder()
                .service("lambda")
                .resource("function")
                .resourceName(stackName + "-" + name)
                .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                .build();
        return Function.fromFunctionAttributes(
            functions,
            name,
            FunctionAttributes.builder()
                .functionArn(Stack.of(functions).formatArn(arn))
                .sameEnvironment(true)
                .build());
      }

      @Override
      public IFunction getRegistrationFunction() {
        return registration;
      }

      @Override
      public IFunction getTriggerFunction() {
        return trigger;
      }

      @Override
      public IFunction getControlFunction() {
        return control;
      }

      @Override
      public IFunction getDashboardFunction() {
        return dashboard;
      }
    };
  }

  /// To record migrations. They run, unless the deployment waits for a trigger.
  default Grant grantRegister(IGrantable grantee) {
    return grantInvoke(grantee, getRegistrationFunction(), "", ":live");
  }

  /// To start what waits.
  default Grant grantTrigger(IGrantable grantee) {
    return grantInvoke(grantee, getTriggerFunction(), "", ":live");
  }

  /// To look at migrations, and to pause, resume, cancel, retry and roll them back.
  default Grant grantControl(IGrantable grantee) {
    return grantInvoke(grantee, getControlFunction(), "", ":live")
        .combine(grantInvoke(grantee, getDashboardFunction(), "", ":live"));
  }

  /// To look at migrations only: in a dashboard, whose buttons then do nothing, and by the command
  /// line. ControlFunction changes nothing for who calls it by this alias.
  default Grant grantView(IGrantable grantee) {
    return grantInvoke(grantee, getControlFunction(), ":view")
        .combine(grantInvoke(grantee, getDashboardFunction(), "", ":live"));
  }

  private static Grant grantInvoke(IGrantable grantee, IFunction function, String... qualifiers) {
    return Grant.addToPrincipal(
        GrantOnPrincipalOptions.builder()
            .grantee(grantee)
            .actions(List.of("lambda:InvokeFunction"))
            .resourceArns(
                List.of(qualifiers).stream()
                    .map(qualifier -> function.getFunctionArn() + qualifier)
                    .toList())
            .build());
  }
}
