package dev.longhaul.local.template;

/// Names, ARNs and addresses as the local stack gives them. The account is the one of AWS's own
/// examples, so that a local ARN is recognised as such.
public final class LocalNames {
  public static final String ACCOUNT = "123456789012";
  public static final String REGION = "us-east-1";
  public static final String STACK = "longhaul";

  private LocalNames() {}

  public static String functionArn(String name) {
    return "arn:aws:lambda:%s:%s:function:%s".formatted(REGION, ACCOUNT, name);
  }

  public static String ruleArn(String name) {
    return "arn:aws:events:%s:%s:rule/%s".formatted(REGION, ACCOUNT, name);
  }

  public static String queueArn(String name) {
    return "arn:aws:sqs:%s:%s:%s".formatted(REGION, ACCOUNT, name);
  }

  static String pseudoParameter(String name) {
    return switch (name) {
      case "AWS::AccountId" -> ACCOUNT;
      case "AWS::Region" -> REGION;
      case "AWS::StackName" -> STACK;
      case "AWS::StackId" ->
          "arn:aws:cloudformation:%s:%s:stack/%s/local".formatted(REGION, ACCOUNT, STACK);
      case "AWS::Partition" -> "aws";
      case "AWS::URLSuffix" -> "amazonaws.com";
      default -> throw new TemplateProblem("the template uses " + name + ", unknown here");
    };
  }

  /// Functions keep their logical id, whatever name they have on AWS: that is what people type.
  static String physicalName(String type, String logicalId, String given) {
    return switch (type) {
      case "AWS::SQS::Queue", "AWS::Events::Rule" ->
          given.isEmpty() ? STACK + "-" + logicalId : given;
      default -> logicalId;
    };
  }

  static String attribute(String type, String name, String attribute) {
    var isArn = attribute.equals("Arn");
    return switch (type) {
      case "AWS::Serverless::Function", "AWS::Lambda::Function" ->
          isArn ? functionArn(name) : name + "." + attribute;
      case "AWS::SQS::Queue" -> isArn ? queueArn(name) : name;
      case "AWS::Events::Rule" -> isArn ? ruleArn(name) : name + "." + attribute;
      default -> name + "." + attribute;
    };
  }
}
