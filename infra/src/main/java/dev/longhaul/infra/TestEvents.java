package dev.longhaul.infra;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.eventschemas.CfnRegistry;
import software.amazon.awscdk.services.eventschemas.CfnSchema;
import software.amazon.awscdk.services.lambda.Function;
import software.constructs.Construct;

/// Shared events for the Test tab of the Lambda console, which keeps them as examples in a schema
/// for each function. "sam remote test-event" finds them as well.
final class TestEvents {
  private static final String REGISTRY = "lambda-testevent-schemas";
  private static final Map<String, String> EXAMPLES = new LinkedHashMap<>();

  static {
    EXAMPLES.put(
        "RegistrationFunction",
        """
        "create-a-table":{"value":{"migration_name":"0001_hello","sql_forwards":"create table hello (id bigint)","sql_backwards":"drop table hello"}},
        "build-an-index-then":{"value":{"migration_name":"0002_index_hello","sql_forwards":"create index concurrently hello_id on hello (id)","sql_backwards":"drop index concurrently hello_id","depends_on":["0001_hello"]}}
        """);
    EXAMPLES.put(
        "TriggerFunction",
        """
        "run-by-name":{"value":{"migration_names":["0001_hello"]}},
        "run-all-that-wait":{"value":{"all":true}},
        "run-what-is-due":{"value":{}},
        "event-run-migrations":{"value":{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"Run Migrations","source":"console","account":"123456789012","time":"2026-11-23T12:00:00Z","region":"us-east-1","resources":[],"detail":{"migration_names":["0001_hello"]}}}
        """);
    EXAMPLES.put(
        "ExecutorFunction",
        """
        "message":{"value":{"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"none","body":"{\\"target\\":\\"main\\",\\"migration_name\\":\\"0001_hello\\"}","attributes":{"ApproximateReceiveCount":"1"},"messageAttributes":{},"md5OfBody":"none","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:longhaul-queue","awsRegion":"us-east-1"}]}}
        """);
    EXAMPLES.put(
        "ControlFunction",
        """
        "list":{"value":{"action":"list"}},
        "list-failed":{"value":{"action":"list","status":"ERROR"}},
        "status":{"value":{"action":"status","migration_name":"0001_hello"}},
        "history":{"value":{"action":"history","migration_name":"0001_hello"}},
        "pause":{"value":{"action":"pause","migration_name":"0001_hello"}},
        "resume":{"value":{"action":"resume","migration_name":"0001_hello"}},
        "retry":{"value":{"action":"retry","migration_name":"0001_hello"}},
        "cancel":{"value":{"action":"cancel","migration_name":"0001_hello"}},
        "rollback":{"value":{"action":"rollback","migration_name":"0001_hello"}}
        """);
    EXAMPLES.put(
        "DashboardFunction",
        """
        "overview":{"value":{"widgetContext":{"theme":"light","width":1200,"height":600,"forms":{"all":{}}}}},
        "one-migration":{"value":{"view":"detail","migration_name":"0001_hello","widgetContext":{"theme":"light","width":1200,"height":600,"forms":{"all":{}}}}},
        "documentation":{"value":{"describe":true}}
        """);
  }

  private TestEvents() {}

  static void add(Construct scope, TestEventRegistry where, Map<String, Function> functions) {
    String registry =
        switch (where) {
          case NEW -> made(scope).getAttrRegistryName();
          case EXISTING -> REGISTRY;
        };
    EXAMPLES.forEach(
        (function, examples) ->
            CfnSchema.Builder.create(scope, function.replace("Function", "TestEvents"))
                .registryName(registry)
                .schemaName(
                    "_"
                        + Objects.requireNonNull(functions.get(function)).getFunctionName()
                        + "-schema")
                .description("Events for the Test tab")
                .type("OpenApi3")
                .content(
                    """
                    {"openapi":"3.0.0","info":{"version":"1.0.0","title":"Event"},"paths":{},
                    "components":{"schemas":{"Event":{"type":"object"}},"examples":{
                    %s}}}
                    """
                        .formatted(examples))
                .build());
  }

  /// Others may have put their events into it since, so it stays when the stack goes.
  private static CfnRegistry made(Construct scope) {
    CfnRegistry made =
        CfnRegistry.Builder.create(scope, "TestEventRegistry")
            .registryName(REGISTRY)
            .description("Shared test events of Lambda functions")
            .build();
    made.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    return made;
  }
}
