package dev.longhaul.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Hostile;
import dev.longhaul.testing.LogLines;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Payloads that are nearly right, and some that are not at all, for every function: each is done
/// or refused by its name, and what is refused has written nothing.
@Timeout(900)
class HostilePayloadTest {
  private static final Set<String> REFUSALS =
      Set.of(
          "InvalidMigration",
          "MigrationConflict",
          "UnknownMigration",
          "InvalidTransition",
          "TargetUnavailable");

  private static final Map<String, List<String>> GOOD =
      new TreeMap<>(
          Map.of(
              "register",
              List.of(
                  """
                  {"migration_name": "m", "sql_forwards": "select 1", "sql_backwards": ""}
                  """,
                  """
                  {"migrations": [
                    {"migration_name": "a", "sql_forwards": ["select 1", "select 2"], "sql_backwards": [],
                     "depends_on": [], "execute_immediately": true, "lock_timeout": "3s", "max_attempts": 2,
                     "requested_by": "me", "apply_on_sqlite": false, "target": "main"},
                    {"migration_name": "b", "sql_forwards": "select 1", "sql_backwards": "select 2",
                     "depends_on": ["a"], "run_at": "2999-01-01T00:00:00Z", "detach_after": "60s",
                     "window": {"days": ["SAT", "SUN"], "from": "02:00", "to": "06:00", "time_zone": "Europe/Berlin"}}]}
                  """,
                  """
                  {"migration_name": "batch", "sql_forwards": "update t set n = 1 where :batch", "sql_backwards": "",
                   "batch": {"table": "t", "key": ["id"], "size": 10, "target_ms": 100, "parallelism": 2, "stripes": "auto",
                             "on_row_error": "skip", "until_empty": "select count(*) from t where n = 0",
                             "health": {"vcpus": 4}}}
                  """,
                  """
                  {"RequestType": "Create", "RequestId": "r", "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/s/1",
                   "LogicalResourceId": "M", "ResourceType": "Custom::Migration",
                   "ResourceProperties": {"ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:f",
                     "MigrationName": "c", "SqlForwards": "select 1", "SqlBackwards": ""}}
                  """),
              "trigger",
              List.of(
                  "{}",
                  "{\"all\": true}",
                  "{\"migration_names\": [\"m\", \"a\"], \"target\": \"main\", \"requested_by\":"
                      + " \"me\"}",
                  """
                  {"version": "0", "id": "1", "detail-type": "Run Migrations", "source": "x", "account": "123456789012",
                   "time": "2026-10-08T16:53:06Z", "region": "us-east-1", "resources": [], "detail": {"migration_names": ["m"]}}
                  """),
              "control",
              List.of(
                  "{\"action\": \"status\", \"migration_name\": \"m\", \"target\": \"main\"}",
                  "{\"action\": \"list\", \"status\": [\"STARTED\"], \"limit\": 10, \"after\":"
                      + " \"a\", \"target\": \"*\"}",
                  "{\"action\": \"history\", \"migration_name\": \"m\"}",
                  "{\"action\": \"pause\", \"migration_name\": \"m\", \"requested_by\": \"me\"}",
                  "{\"action\": \"resume\", \"migration_name\": \"m\"}",
                  "{\"action\": \"cancel\", \"migration_name\": \"m\"}",
                  "{\"action\": \"retry\", \"migration_name\": \"m\"}",
                  "{\"action\": \"rollback\", \"migration_name\": \"a\"}",
                  "{\"action\": \"resolve\", \"migration_name\": \"m\", \"outcome\": \"not done\"}",
                  "{\"action\": \"set\", \"migration_name\": \"batch\", \"batch\": {\"size\": 5,"
                      + " \"health\": {\"vcpus\": 2}}}"),
              "execute",
              List.of(
                  """
                  {"Records": [{"messageId": "1", "receiptHandle": "r", "body": "{\\"target\\":\\"main\\",\\"migration_name\\":\\"nobody\\"}",
                    "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "md5OfBody": "x",
                    "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q", "awsRegion": "us-east-1"}]}
                  """),
              "dashboard",
              List.of(
                  "{\"describe\": true}",
                  "{\"migration_name\": \"m\", \"target\": \"main\", \"widgetContext\":"
                      + " {\"params\": {}}}",
                  "{\"status\": \"ERROR\", \"after\": \"a\", \"widgetContext\": {\"theme\":"
                      + " \"dark\"}}")));

  /// Bodies of messages.
  private static final List<String> POINTERS =
      List.of(
          "{\"target\": \"main\", \"migration_name\": \"nobody\"}",
          "{\"target\": \"main\", \"migration_name\": \"m\", \"attempt\": 1}");

  private final JsonNodeFactory json = JsonFunction.JSON.getNodeFactory();

  @Test
  void everyPayloadIsDoneOrRefusedByName() throws SQLException {
    try (Fixture longhaul = new Fixture();
        Connection connection = longhaul.database.connect();
        Statement journal = connection.createStatement()) {
      longhaul.database.execute("create table t (id int primary key, n int)");
      longhaul.trigger("{}");
      Hostile.tryAll(
          "payloads",
          5,
          hostile -> {
            String function = hostile.oneOf(List.copyOf(GOOD.keySet()));
            String payload = payload(hostile, GOOD.getOrDefault(function, List.of()));
            if (function.equals("execute") && hostile.oneIn(2)) {
              payload = message(payload(hostile, POINTERS));
            }
            try (LogLines log = LogLines.capture()) {
              invoke(longhaul, journal, function, payload);
              assertThat(log.all())
                  .as("%s %s", function, payload)
                  .noneMatch(line -> line.path("level").asText().equals("ERROR"));
            }
          });
      longhaul.queue.drain();
    }
  }

  private static String message(String body) {
    ObjectNode event = JsonFunction.JSON.createObjectNode();
    event.putArray("Records").addObject().put("messageId", "1").put("body", body);
    return event.toString();
  }

  private void invoke(Fixture longhaul, Statement journal, String function, String payload) {
    String before = written(journal);
    try {
      longhaul.invoke(function, payload);
    } catch (RuntimeException e) {
      if (!REFUSALS.contains(e.getClass().getName())) {
        throw new AssertionError(function + " " + payload, e);
      }
      assertThat(written(journal)).as("%s %s", function, payload).isEqualTo(before);
    }
  }

  /// What stands in the journal, and whether all of it has its history.
  private static String written(Statement journal) {
    try (ResultSet row =
        journal.executeQuery(
            """
            select (select count(*) || ' ' || coalesce(sum(hashtext(m::text)), 0) from longhaul.async_migration as m) || ' '
              || (select count(*) || ' ' || coalesce(sum(hashtext(h::text)), 0) from longhaul.async_migration_history as h) || ' '
              || (select count(*) from longhaul.async_migration_range) || ' '
              || (select count(*) from longhaul.async_migration as m where not exists (
                    select from longhaul.async_migration_history as h where h.migration_name = m.name))
            """)) {
      row.next();
      assertThat(row.getString(1)).endsWith(" 0");
      return row.getString(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private String payload(Hostile hostile, List<String> good) {
    String text = hostile.oneOf(good);
    try {
      return switch (hostile.upTo(8)) {
        case 0 -> hostile.text();
        case 1 -> hostile.spoiled(text);
        case 2 -> text;
        default -> {
          JsonNode payload = JsonFunction.JSON.readTree(text);
          for (int i = hostile.upTo(3); i >= 0; i--) {
            spoil(hostile, payload);
          }
          yield payload.toString();
        }
      };
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /// One place in it has another value, is gone, or has a neighbour.
  private void spoil(Hostile hostile, JsonNode payload) {
    List<ContainerNode<?>> places = new ArrayList<>();
    collect(payload, places);
    switch (hostile.oneOf(places)) {
      case ObjectNode object -> {
        List<String> fields =
            new ArrayList<>(object.propertyStream().map(Map.Entry::getKey).toList());
        fields.add(hostile.oneIn(20) ? hostile.text() : "unknown");
        String field = hostile.oneOf(fields);
        if (hostile.oneIn(4)) {
          object.remove(field);
        } else {
          object.set(field, value(hostile, 0));
        }
      }
      case ArrayNode array -> {
        if (array.isEmpty() || hostile.oneIn(2)) {
          array.add(value(hostile, 0));
        } else {
          array.set(hostile.upTo(array.size()), value(hostile, 0));
        }
      }
      case ContainerNode<?> other -> throw new AssertionError(other);
    }
  }

  private static void collect(JsonNode node, List<ContainerNode<?>> places) {
    if (node instanceof ContainerNode<?> container) {
      places.add(container);
      container.forEach(child -> collect(child, places));
    }
  }

  private JsonNode value(Hostile hostile, int depth) {
    return switch (hostile.upTo(depth > 3 ? 9 : 12)) {
      case 0 -> json.nullNode();
      case 1 -> json.booleanNode(hostile.oneIn(2));
      case 2 ->
          json.numberNode(hostile.oneOf(List.of(0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE)));
      case 3 -> json.numberNode(BigInteger.TEN.pow(hostile.upTo(400)));
      case 4 -> json.numberNode(hostile.oneOf(List.of(0.5, 1e300, -0.0, Double.MIN_VALUE)));
      case 5, 6 -> json.textNode(hostile.text());
      case 7 ->
          json.textNode(
              hostile.oneOf(
                  List.of(
                      "",
                      " ",
                      "m",
                      "a",
                      "main",
                      "*",
                      "\u0000",
                      "\ud800",
                      "+999999999-12-31T23:59:59Z",
                      "2027-01-01T00:00:00+18:00",
                      "24:00",
                      "99999999999999999999s",
                      "-1s",
                      "Europe/Nowhere",
                      "ROLLED BACK",
                      "\ud83d\ude80".repeat(200),
                      "x".repeat(100_000))));
      case 8 -> json.textNode("select " + hostile.text());
      case 9 -> {
        ArrayNode array = json.arrayNode();
        for (int i = hostile.upTo(5); i > 0; i--) {
          array.add(value(hostile, depth + 1));
        }
        yield array;
      }
      case 10 -> {
        ObjectNode object = json.objectNode();
        for (int i = hostile.upTo(5); i > 0; i--) {
          object.set(hostile.oneIn(2) ? "x" + i : hostile.text(), value(hostile, depth + 1));
        }
        yield object;
      }
      default -> {
        // Three of them in each other are less than Jackson writes, which is 1,000.
        JsonNode deep = json.textNode("x");
        for (int i = hostile.upTo(300); i > 0; i--) {
          deep = json.arrayNode().add(deep);
        }
        yield deep;
      }
    };
  }
}
