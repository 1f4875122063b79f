package dev.longhaul.infra;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.services.cloudwatch.CfnAlarm;

/// What the dashboard shows, in the words of CloudWatch
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>):
/// the migrations, the alarms, and their metrics, those of all targets that there are.
final class DashboardBody {
  private static final String TEXT =
      """
      {
        "start":"-PT3H",
        "widgets":[
          {"type":"custom","x":0,"y":0,"width":24,"height":16,"properties":{
            "title":"Migrations","endpoint":"${Widget}","updateOn":{"refresh":true,"resize":true,"timeRange":true},"params":{}}},
          ${AlarmWidget}{"type":"metric","x":0,"y":18,"width":8,"height":6,"properties":{
            "title":"Queue","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              ["AWS/SQS","ApproximateNumberOfMessagesVisible","QueueName","${QueueName}",{"stat":"Maximum","label":"waiting"}],
              ["AWS/SQS","ApproximateNumberOfMessagesNotVisible","QueueName","${QueueName}",{"stat":"Maximum","label":"with an executor"}],
              ["AWS/SQS","ApproximateNumberOfMessagesDelayed","QueueName","${QueueName}",{"stat":"Maximum","label":"for later"}],
              ["AWS/SQS","ApproximateAgeOfOldestMessage","QueueName","${QueueName}",{"stat":"Maximum","label":"age of the oldest, s","yAxis":"right"}]]}},
          {"type":"metric","x":8,"y":18,"width":8,"height":6,"properties":{
            "title":"What nobody could take","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              ["AWS/SQS","ApproximateNumberOfMessagesVisible","QueueName","${DeadLettersName}",{"stat":"Maximum","label":"dead letters"}],
              ["AWS/SQS","ApproximateNumberOfMessagesVisible","QueueName","${UndeliveredEventsName}",{"stat":"Maximum","label":"undelivered events"}]]}},
          {"type":"metric","x":16,"y":18,"width":8,"height":6,"properties":{
            "title":"Sweep","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              ["Longhaul","MigrationsInError","FunctionName","${TriggerFunction}",{"stat":"Maximum","label":"migrations in ERROR"}],
              ["Longhaul","MigrationsWithoutProgress","FunctionName","${TriggerFunction}",{"stat":"Maximum","label":"without progress for an hour"}],
              ["Longhaul","OldestEvent","FunctionName","${TriggerFunction}",{"stat":"Maximum","label":"oldest event not published, s","yAxis":"right"}],
              ["AWS/Lambda","Errors","FunctionName","${TriggerFunction}",{"stat":"Sum","label":"errors"}],
              ["AWS/Events","FailedInvocations","RuleName","${SweepRule}",{"stat":"Sum","label":"not invoked"}]]}},
          {"type":"metric","x":0,"y":24,"width":8,"height":6,"properties":{
            "title":"Executor","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              ["AWS/Lambda","Invocations","FunctionName","${ExecutorFunction}",{"stat":"Sum","label":"invocations"}],
              ["AWS/Lambda","ConcurrentExecutions","FunctionName","${ExecutorFunction}",{"stat":"Maximum","label":"at the same time"}],
              ["AWS/Lambda","Errors","FunctionName","${ExecutorFunction}",{"stat":"Sum","label":"errors"}],
              ["AWS/Lambda","Throttles","FunctionName","${ExecutorFunction}",{"stat":"Sum","label":"throttled by Lambda"}]]}},
          {"type":"metric","x":8,"y":24,"width":8,"height":6,"properties":{
            "title":"Time of an attempt","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              ["AWS/Lambda","Duration","FunctionName","${ExecutorFunction}",{"stat":"p50","label":"half of them under"}],
              ["AWS/Lambda","Duration","FunctionName","${ExecutorFunction}",{"stat":"Maximum","label":"longest"}]]}},
          {"type":"metric","x":16,"y":24,"width":8,"height":6,"properties":{
            "title":"Lambda time","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              [{"expression":"SEARCH('{Longhaul,FunctionName,Target} MetricName=\\"LambdaDuration\\" FunctionName=\\"${ExecutorFunction}\\"', 'Sum')","label":"executor"}]]}},
          {"type":"metric","x":0,"y":30,"width":8,"height":6,"properties":{
            "title":"Migrations","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              [{"expression":"SEARCH('{Longhaul,FunctionName,Target} MetricName=\\"MigrationsStarted\\" FunctionName=\\"${ExecutorFunction}\\"', 'Sum')","label":"started"}],
              [{"expression":"SEARCH('{Longhaul,FunctionName,Target} MetricName=\\"MigrationsFinished\\" FunctionName=\\"${ExecutorFunction}\\"', 'Sum')","label":"finished"}],
              [{"expression":"SEARCH('{Longhaul,FunctionName,Target} MetricName=\\"MigrationsFailed\\" FunctionName=\\"${ExecutorFunction}\\"', 'Sum')","label":"failed"}],
              [{"expression":"SEARCH('{Longhaul,FunctionName,Target} MetricName=\\"MigrationsRetried\\" FunctionName=\\"${ExecutorFunction}\\"', 'Sum')","label":"retried"}]]}},
          {"type":"metric","x":8,"y":30,"width":8,"height":6,"properties":{
            "title":"Batches","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              [{"expression":"SEARCH('{Longhaul,FunctionName,Target} MetricName=\\"RowsProcessed\\" FunctionName=\\"${ExecutorFunction}\\"', 'Sum')","label":"rows"}],
              [{"expression":"SEARCH('{Longhaul,FunctionName,Target} MetricName=\\"BatchDuration\\" FunctionName=\\"${ExecutorFunction}\\"', 'p90')","label":"milliseconds, nine of ten under","yAxis":"right"}]]}},
          {"type":"metric","x":16,"y":30,"width":8,"height":6,"properties":{
            "title":"Held back for the health of the database","region":"${AWS::Region}","view":"timeSeries","stacked":false,"period":60,
            "metrics":[
              [{"expression":"SEARCH('{Longhaul,FunctionName,Reason,Target} MetricName=\\"ThrottledSeconds\\" FunctionName=\\"${ExecutorFunction}\\"', 'Sum')","label":"seconds"}]]}}
        ]
      }
      """;

  private DashboardBody() {}

  /// @param names of the resources whose metrics are shown, by their variables; `Widget` is an ARN.
  ///   All are tokens, known when the stack is deployed
  /// @param alarms none where there are none
  static String of(Map<String, String> names, List<CfnAlarm> alarms) {
    String arns =
        alarms.stream()
            .map(alarm -> "\"" + alarm.getAttrArn() + "\"")
            .collect(Collectors.joining(","));
    String widget =
        alarms.isEmpty()
            ? ""
            : """
            {"type":"alarm","x":0,"y":16,"width":24,"height":2,"properties":{
            "title":"Alarms","alarms":[%s]}},\
            """
                .formatted(arns);
    String body = TEXT.replace("${AlarmWidget}", widget).replace("${AWS::Region}", Aws.REGION);
    for (Map.Entry<String, String> name : names.entrySet()) {
      body = body.replace("${" + name.getKey() + "}", name.getValue());
    }
    return body;
  }
}
