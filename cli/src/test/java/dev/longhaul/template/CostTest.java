package dev.longhaul.template;

import static dev.longhaul.template.Template.functionProperty;
import static dev.longhaul.template.Template.properties;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The sums of docs/cost.md: the template's rates times the prices on that page.
class CostTest {
  private static final BigDecimal HOURS = new BigDecimal(730);
  private static final BigDecimal MILLION = new BigDecimal(1_000_000);
  private static final String PAGE = read();

  @Test
  void queueIsPolledAllTheTime() {
    List<String> row = row("Lambda polls the queue: 5 connections, 20 s each");
    BigDecimal requests = HOURS.multiply(new BigDecimal(5 * 3600 / 20));

    assertThat(amount(row.get(1))).isEqualByComparingTo(requests);
    assertThat(row.get(2))
        .isEqualTo(cents(millions(requests, "SQS, standard queue, a million requests")));
  }

  @Test
  void alarmsCostByTheirNumber() {
    List<String> row = row("the alarms");
    int alarms = Template.resources("AWS::CloudWatch::Alarm").size();

    assertThat(amount(row.get(1))).isEqualByComparingTo(new BigDecimal(alarms));
    assertThat(row.get(2))
        .isEqualTo(
            cents(
                price("CloudWatch, an alarm on one metric, a month").multiply(amount(row.get(1)))));
    for (var alarm : Template.resources("AWS::CloudWatch::Alarm").entrySet()) {
      assertThat(alarm.getValue().has("Metrics")).as(alarm.getKey()).isFalse();
    }
  }

  /// Polling and the alarms are all of it: the only schedule that is always there is the sweep's,
  /// which is off; no dashboard, no endpoint, no key, no function that is kept warm.
  @Test
  void idleIsPollingAndAlarmsAndUnderADollar() {
    BigDecimal idle = new BigDecimal(row("**idle**").get(2).replace("*", ""));

    assertThat(idle)
        .isEqualByComparingTo(
            new BigDecimal(row("Lambda polls the queue: 5 connections, 20 s each").get(2))
                .add(new BigDecimal(row("the alarms").get(2))));
    assertThat(idle).isLessThan(BigDecimal.ONE);
    assertThat(Template.section("Parameters").at("/Dashboard/Default").asText()).isEqualTo("false");
    assertThat(Template.section("Parameters").at("/AlarmEmail/Default").asText("none")).isEmpty();
    assertThat(Template.resource("MigrationsDashboard").path("Condition").asText())
        .isEqualTo("HasDashboard");
    assertThat(Template.resource("AlarmKey").path("Condition").asText()).isEqualTo("NeedsAlarmKey");
    assertThat(Template.resources("AWS::CloudWatch::Dashboard")).hasSize(1);
    assertThat(Template.resources("AWS::KMS::Key")).hasSize(1);
    assertThat(Template.resources("AWS::SecretsManager::Secret")).isEmpty();
    for (String rule : Template.resources("AWS::Events::Rule").keySet()) {
      assertThat(
              !properties(rule).has("ScheduleExpression")
                  || rule.equals("SweepRule")
                  || Template.resource(rule).has("Condition"))
          .as(rule)
          .isTrue();
    }
    for (String function : Template.FUNCTIONS) {
      assertThat(functionProperty(function, "ProvisionedConcurrencyConfig").isMissingNode())
          .as(function)
          .isTrue();
    }
  }

  @Test
  void sweepThatIsNeverOffCostsCents() {
    List<String> row = row("the sweep, were something outstanding all month: every minute, 0.1 s");
    assertThat(properties("SweepRule").path("ScheduleExpression").asText())
        .isEqualTo("rate(1 minute)");
    BigDecimal calls = HOURS.multiply(new BigDecimal(60));

    assertThat(amount(row.get(1))).isEqualByComparingTo(calls);
    assertThat(row.get(2))
        .isEqualTo(cents(functions(calls, calls.multiply(new BigDecimal("0.1")))));
  }

  @Test
  void whatIsAskedForCostsItsPrice() {
    assertThat(row("`Dashboard`, beyond the account's first three").get(2))
        .isEqualTo(cents(price("CloudWatch, a dashboard, a month")));
    assertThat(row("`AlarmEmail` without `KmsKeyArn`: a key for the topic").get(2))
        .isEqualTo(cents(price("KMS, a key, a month")));
  }

  /// CloudWatch counts a metric in the hours in which it is sent.
  @Test
  void metricsCostByTheHourInWhichSomethingRuns() {
    List<String> row = row("the metrics of one target, each hour in which a migration runs");
    BigDecimal hour =
        price("CloudWatch, a custom metric, a month").divide(HOURS, MathContext.DECIMAL64);

    assertThat(row.get(2))
        .isEqualTo(hour.multiply(amount(row.get(1))).setScale(4, RoundingMode.HALF_UP).toString());
  }

  @Test
  void endpointsCostByTheHour() {
    List<String> row = row("three interface endpoints in two zones");
    int endpoints = Template.resources("AWS::EC2::VPCEndpoint").size();
    BigDecimal hours = HOURS.multiply(new BigDecimal(endpoints * 2));

    assertThat(amount(row.get(1))).isEqualByComparingTo(hours);
    assertThat(row.get(2))
        .isEqualTo(cents(hours.multiply(price("Interface endpoint, an hour in one zone"))));
  }

  @Test
  void examplesAddUp() {
    for (String example :
        List.of(
            "a short migration: registered, run, two sweeps",
            "1,000 of these",
            "an index that takes 10 minutes: the executor waits beside it",
            "ten such indexes a week, for a month",
            "a dashboard that is open for eight hours, refreshed every 10 s")) {
      List<String> row = row(example);
      BigDecimal sum =
          functions(amount(row.get(1)), amount(row.get(2)))
              .add(millions(amount(row.get(3)), "SQS, standard queue, a million requests"))
              .add(millions(amount(row.get(4)), "EventBridge, a million custom events"))
              .add(
                  amount(row.get(5))
                      .movePointLeft(3)
                      .multiply(price("CloudWatch Logs, a GB taken in")));
      BigDecimal shown = sum.round(new MathContext(2, RoundingMode.HALF_UP));

      assertThat(new BigDecimal(row.get(6))).as(example).isEqualByComparingTo(shown);
    }
  }

  private static BigDecimal functions(BigDecimal calls, BigDecimal seconds) {
    int memory = functionProperty("TriggerFunction", "MemorySize").asInt();
    assertThat(Template.section("Parameters").at("/ExecutorMemory/Default").asInt())
        .isEqualTo(memory);
    BigDecimal gigabytes = new BigDecimal(memory).divide(new BigDecimal(1024));
    return seconds
        .multiply(gigabytes)
        .multiply(price("Lambda, arm64, a GB-second"))
        .add(millions(calls, "Lambda, a million requests"));
  }

  private static BigDecimal millions(BigDecimal count, String price) {
    return count.multiply(price(price)).divide(MILLION);
  }

  private static BigDecimal price(String name) {
    return new BigDecimal(row(name).get(1));
  }

  private static String cents(BigDecimal dollars) {
    return dollars.setScale(2, RoundingMode.HALF_UP).toString();
  }

  /// Of `43,800 calls` the number.
  private static BigDecimal amount(String cell) {
    return new BigDecimal(cell.replaceAll("[^0-9.]", ""));
  }

  /// The cells of the row that begins so.
  private static List<String> row(String first) {
    return PAGE.lines()
        .filter(line -> line.startsWith("| " + first + " |"))
        .map(line -> List.of(line.strip().split(Pattern.quote("|"))))
        .map(cells -> cells.subList(1, cells.size()).stream().map(String::strip).toList())
        .findFirst()
        .orElseThrow(() -> new AssertionError("docs/cost.md has no row " + first));
  }

  private static String read() {
    try {
      return Files.readString(Template.PROJECT.resolve("docs/cost.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
