package dev.longhaul.infra;

import software.amazon.awscdk.Acknowledgment;
import software.amazon.awscdk.CfnElement;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Validations;
import software.constructs.IConstruct;

/// Findings of cdk-nag's AwsSolutions that are meant, each with the reason; there are no others.
final class Acknowledged {
  private Acknowledged() {}

  /// @param finding without the pack's name: `SQS3`, or `IAM5[Resource::*]`
  static void finding(IConstruct construct, String finding, String reason) {
    Validations.of(construct)
        .acknowledge(Acknowledgment.builder().id("AwsSolutions-" + finding).reason(reason).build());
  }

  /// `arn:*`, for a function of the same stack.
  static void anyVersion(IConstruct construct, IConstruct function, String reason) {
    String id = Stack.of(function).getLogicalId((CfnElement) function.getNode().getDefaultChild());
    finding(construct, "IAM5[Resource::<%s.Arn>:*]".formatted(id), reason);
  }
}
