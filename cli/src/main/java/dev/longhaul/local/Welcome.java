package dev.longhaul.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.ProgressLine;
import dev.longhaul.local.functions.Invocation;
import dev.longhaul.local.functions.LocalFunctions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// What a newcomer sees first: three migrations on their way from registration to FINISHED, in a
/// database of their own. Like every registration it may be repeated: a later start finds them
/// done.
final class Welcome implements Runnable {
  static final String TARGET = "welcome";

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration QUIET_START = Duration.ofSeconds(5);
  private static final Duration BAR_EVERY = Duration.ofSeconds(2);
  private static final int NAME = 39;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String MIGRATIONS =
      """
      {"migrations": [
        {"target": "welcome", "migration_name": "0001_orders", "execute_immediately": true,
         "sql_forwards": [
           "create table orders (id bigint primary key, customer int not null, total numeric not null)",
           "insert into orders select n, n % 1000, n % 97 from generate_series(1, ROWS) as n"],
         "sql_backwards": "drop table orders"},
        {"target": "welcome", "migration_name": "0002_index_orders_by_customer", "execute_immediately": true,
         "sql_forwards": "create index concurrently orders_by_customer on orders (customer)",
         "sql_backwards": "drop index concurrently orders_by_customer",
         "depends_on": ["0001_orders"]},
        {"target": "welcome", "migration_name": "0003_total_in_cents", "execute_immediately": true,
         "sql_forwards": [
           "alter table orders add column total_cents bigint",
           "update orders set total_cents = total * 100 where :batch"],
         "batch": {"table": "orders", "key": "id"},
         "sql_backwards": "alter table orders drop column total_cents",
         "depends_on": ["0002_index_orders_by_customer"]}
      ]}
      """;

  private final LocalFunctions functions;
  private final PrintWriter out;
  private final int rows;
  private final Instant start = Instant.now();
  private final Map<String, String> shown = new HashMap<>();
  private Instant lastBar = Instant.EPOCH;

  Welcome(LocalFunctions functions, PrintWriter out, int rows) {
    this.functions = functions;
    this.out = out;
    this.rows = rows;
  }

  /// Registers, and prints a line for every change until all have ended.
  @Override
  public void run() {
    try {
      out.println(
          register()
              ? String.format(
                  Locale.ROOT,
                  "A first job, three migrations on %,d rows in the target \"welcome\":",
                  rows)
              : "The first job, in the target \"welcome\", as it stands:");
      boolean more = true;
      while (more && Instant.now().isBefore(start.plus(PATIENCE))) {
        more = show();
        Thread.sleep(LOOK);
      }
      out.println("Next, in another terminal: ./longhaul demo");
      out.flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // The stack is being stopped; the migrations go on with the next start.
      out.println("The first job is interrupted: " + e.getMessage());
      out.flush();
    }
  }

  /// @return whether it is new; an earlier start may have registered it for other rows
  private boolean register() {
    Invocation answer =
        functions.invoke(
            "RegistrationFunction",
            MIGRATIONS.replace("ROWS", String.valueOf(rows)).getBytes(UTF_8));
    JsonNode json = read(answer);
    if (answer.failed() && !json.path("errorType").asText().equals("MigrationConflict")) {
      throw new IllegalStateException(json.path("errorMessage").asText());
    }
    return json.path("migrations").path(0).path("created").asBoolean();
  }

  private boolean show() {
    boolean more = false;
    for (JsonNode migration :
        invoke("ControlFunction", "{\"action\": \"list\", \"target\": \"welcome\"}")
            .path("migrations")) {
      String status = migration.path("status").asText();
      more |= status.equals("STARTED") || status.equals("IN PROGRESS");
      Instant now = Instant.now();
      boolean isNews = isNews(migration, now);
      boolean isBarDue =
          status.equals("IN PROGRESS")
              && migration.path("progress").path("unit").asText().equals("row")
              && now.isAfter(lastBar.plus(BAR_EVERY));
      if (isNews || isBarDue) {
        lastBar = now;
        out.printf(
            Locale.ROOT,
            "%6.1f s  %s%n",
            Duration.between(start, now).toMillis() / 1000.0,
            ProgressLine.of(migration, NAME));
      }
    }
    out.flush();
    return more;
  }

  /// A change of status. What is STARTED is told of with its reason, as soon as it has one: the
  /// executor finds out within a moment whether there is any.
  private boolean isNews(JsonNode migration, Instant now) {
    String name = migration.path("migration_name").asText();
    String status = migration.path("status").asText();
    boolean hasReason =
        migration.path("meta").has("waiting_for") || migration.path("meta").has("waiting_reason");
    if (status.equals("STARTED") && !hasReason && now.isBefore(start.plus(QUIET_START))) {
      return false;
    }
    return !status.equals(shown.put(name, status));
  }

  private JsonNode invoke(String function, String payload) {
    Invocation invocation = functions.invoke(function, payload.getBytes(UTF_8));
    if (invocation.failed()) {
      throw new IllegalStateException(new String(invocation.payload(), UTF_8));
    }
    return read(invocation);
  }

  private static JsonNode read(Invocation invocation) {
    try {
      return JSON.readTree(invocation.payload());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
