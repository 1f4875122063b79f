package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.properties;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The body of the dashboard, which CloudWatch would check only when it is deployed.
class DashboardTest {
  private static final JsonNode SUB =
      properties("MigrationsDashboard").path("DashboardBody").path("Fn::Sub");

  private static JsonNode widgets(boolean alarms) throws IOException {
    String text = SUB.path(0).asText();
    String widget = alarms ? brief(SUB.at("/1/AlarmWidget/Fn::If/1")) : "";
    return new ObjectMapper().readTree(text.replace("${AlarmWidget}", widget)).path("widgets");
  }

  @Test
  void beginsWithTheMigrations() throws IOException {
    JsonNode widget = widgets(true).path(0);

    assertThat(widget.path("type").asText()).isEqualTo("custom");
    assertThat(widget.at("/properties/endpoint").asText()).isEqualTo("${Widget}");
    assertThat(brief(SUB.at("/1/Widget"))).isEqualTo("DashboardFunction.Alias");
    assertThat(widget.at("/properties/updateOn").toString())
        .isEqualTo("{\"refresh\":true,\"resize\":true,\"timeRange\":true}");
  }

  @Test
  void showsEveryAlarmWhereThereAreAny() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (JsonNode widget : widgets(true)) {
      widget.at("/properties/alarms").forEach(alarm -> shown.add(alarm.asText()));
    }

    assertThat(SUB.at("/1/AlarmWidget/Fn::If/0").asText()).isEqualTo("HasAlarms");
    assertThat(shown)
        .isEqualTo(new TreeSet<>(AlarmsTest.ALARMS.stream().map(a -> "${" + a + ".Arn}").toList()));
    assertThat(widgets(false)).hasSize(widgets(true).size() - 1);
  }

  @Test
  void widgetsDoNotOverlapAndFillTheWidth() throws IOException {
    Set<String> taken = new TreeSet<>();
    for (JsonNode widget : widgets(true)) {
      for (int x = 0; x < widget.path("width").asInt(); x++) {
        for (int y = 0; y < widget.path("height").asInt(); y++) {
          assertThat(
                  taken.add((widget.path("x").asInt() + x) + " " + (widget.path("y").asInt() + y)))
              .as(widget.at("/properties/title").asText())
              .isTrue();
        }
      }
    }
    assertThat(taken).hasSize(24 * 36).noneMatch(cell -> cell.startsWith("24 "));
  }

  /// A dashboard with more than 50 is not among the three that are free.
  @Test
  void showsAtMostFiftyMetrics() throws IOException {
    int metrics = 0;
    for (JsonNode widget : widgets(true)) {
      metrics += widget.at("/properties/metrics").size();
    }
    assertThat(metrics).isBetween(20, 50);
  }

  /// Our own metrics, by the dimensions that they are sent with: another set finds nothing.
  @Test
  void searchesOurMetricsOfAllTargets() throws IOException {
    List<String> found = new ArrayList<>();
    Pattern search =
        Pattern.compile(
            "SEARCH\\('\\{Longhaul,(.*)} MetricName=\"(\\w+)\" FunctionName=\"\\$\\{(\\w+)}\"',"
                + " '\\w+'\\)");
    for (JsonNode expression : widgets(true).findValues("expression")) {
      var matcher = search.matcher(expression.asText());
      assertThat(matcher.matches()).as(expression.asText()).isTrue();
      found.add(matcher.group(2) + " " + matcher.group(1) + " " + matcher.group(3));
    }

    String usual = " FunctionName,Target ExecutorFunction";
    assertThat(found)
        .containsExactlyInAnyOrder(
            "MigrationsStarted" + usual,
            "MigrationsFinished" + usual,
            "MigrationsFailed" + usual,
            "MigrationsRetried" + usual,
            "RowsProcessed" + usual,
            "BatchDuration" + usual,
            "LambdaDuration" + usual,
            "ThrottledSeconds FunctionName,Reason,Target ExecutorFunction");
  }
}
