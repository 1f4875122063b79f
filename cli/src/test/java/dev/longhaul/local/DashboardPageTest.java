package dev.longhaul.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The local stack's page as a person has it: real functions and database, a real browser.
class DashboardPageTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// More than the page waits between two refreshes.
  private static final int REFRESH_MILLIS = 3100;

  /// What the functions sign their calls of the queue with.

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path state;
  @org.jspecify.annotations.Nullable private static Chromium chromium;
  @org.jspecify.annotations.Nullable private static LocalStack stack;

  private final List<BrowserContext> contexts = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    chromium = Chromium.start();
    stack =
        LocalStack.start(
            LocalStackOptions.ephemeral(state)
                .binaries(TestStack.binaries())
                .allowScheduledMigrations(true),
            LocalCommand::handlers);
    execute(
        """
        create table item (id int primary key, note text);
        insert into item select i, null from generate_series(1, 1500) i;
        create function slow() returns trigger language plpgsql as
          'begin perform pg_sleep(0.001); return null; end';
        create trigger slow after update on item for each row execute function slow();
        """);
  }

  @AfterAll
  static void stop() {
    HTTP.close();
    if (chromium != null) {
      chromium.close();
    }
    if (stack != null) {
      stack.close();
    }
  }

  @AfterEach
  void nothingWasBlockedOrThrown() {
    contexts.forEach(BrowserContext::close);
    assertThat(complaints).isEmpty();
  }

  private static void execute(String sql) throws Exception {
    var url = "jdbc:" + Objects.requireNonNull(stack).addresses().databaseUrl();
    var parts = URI.create(url.substring("jdbc:".length()));
    var user = parts.getUserInfo().split(":", 2);
    try (var connection =
            DriverManager.getConnection(
                "jdbc:postgresql://%s:%d%s"
                    .formatted(parts.getHost(), parts.getPort(), parts.getPath()),
                user[0],
                user[1]);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static JsonNode invoke(String function, JsonNode payload) {
    try {
      var request =
          HttpRequest.newBuilder(
                  Objects.requireNonNull(stack)
                      .addresses()
                      .endpoint()
                      .resolve("/2015-03-31/functions/" + function + "/invocations"))
              .POST(HttpRequest.BodyPublishers.ofString(payload.toString()))
              .build();
      return JSON.readTree(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode migration(String name, String forwards, String backwards) {
    return JSON.createObjectNode()
        .put("migration_name", name)
        .put("sql_forwards", forwards)
        .put("sql_backwards", backwards);
  }

  private static void register(ObjectNode migration) {
    assertThat(invoke("RegistrationFunction", migration).has("errorType")).isFalse();
  }

  private static String status(String name) {
    var payload = JSON.createObjectNode().put("action", "status").put("migration_name", name);
    return invoke("ControlFunction", payload).path("status").asText();
  }

  private static void await(String what, BooleanSupplier condition) {
    var deadline = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as(what).isBefore(deadline);
    }
  }

  /// A page whose clock can be moved on, so that nobody waits for its refreshes.
  private Page open(ColorScheme theme, int width, String hash) {
    var context =
        Objects.requireNonNull(chromium)
            .browser()
            .newContext(
                new Browser.NewContextOptions().setColorScheme(theme).setViewportSize(width, 900));
    contexts.add(context);
    var page = context.newPage();
    page.onConsoleMessage(message -> complaints.add(message.text()));
    page.onPageError(complaints::add);
    page.onDialog(
        dialog -> {
          complaints.add("a script says " + dialog.message());
          dialog.dismiss();
        });
    page.clock().install();
    page.navigate(Objects.requireNonNull(stack).addresses().endpoint() + "/" + hash);
    assertThat(page.locator("#widget > .lh")).isVisible();
    return page;
  }

  private static String detail(String name) {
    return "#view=detail&target=main&migration_name="
        + java.net.URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  /// Lets the page refresh itself until it shows this.
  private static void seen(Page page, Locator locator) {
    await(
        "the page shows " + locator,
        () -> {
          page.clock().fastForward(REFRESH_MILLIS);
          page.waitForTimeout(100);
          return locator.count() > 0 && locator.first().isVisible();
        });
  }

  /// Presses a migration's button, agrees to what it will do, and takes the answer.
  private static String press(Page page, String label, String name) {
    button(page, label, name).click();
    var dialog = page.locator("dialog");
    assertThat(dialog).containsText(name);
    dialog.getByRole(AriaRole.BUTTON, named(label)).click();
    assertThat(dialog.locator(".lh-answer")).isVisible();
    var answer = dialog.locator(".lh-answer").textContent();
    dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Close")).click();
    return answer;
  }

  private static Locator.GetByRoleOptions named(String label) {
    return new Locator.GetByRoleOptions().setName(label).setExact(true);
  }

  private static Locator button(Page page, String label, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(label + " " + name).setExact(true));
  }

  private static Locator section(Page page, String heading, String name) {
    return page.locator("section")
        .filter(
            new Locator.FilterOptions()
                .setHas(
                    page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(heading))))
        .getByText(name, new Locator.GetByTextOptions().setExact(true));
  }

  private static ObjectNode slowUpdate(String name) {
    var migration =
        migration(
            name,
            "update item set note = '" + name + "' where :batch",
            "comment on table item is null");
    migration
        .putObject("batch")
        .put("table", "item")
        .put("key", "id")
        .put("size", 100)
        .put("target_ms", 100)
        .put("stripes", 1);
    return migration;
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void batchedUpdateIsRunWatchedPausedResumedAndRolledBack(ColorScheme theme) {
    var name = "fill_" + theme.name().toLowerCase(java.util.Locale.ROOT);
    register(slowUpdate(name));
    var page = open(theme, theme == ColorScheme.LIGHT ? 1280 : 400, "");
    assertThat(page.locator("html"))
        .hasAttribute("data-theme", theme == ColorScheme.DARK ? "dark" : "light");

    assertThat(section(page, "Waiting", name)).isVisible();
    assertThat(press(page, "Run", name)).contains(name);

    seen(page, section(page, "Running", name));
    var bar =
        page.getByRole(
            AriaRole.PROGRESSBAR, new Page.GetByRoleOptions().setName("progress of " + name));
    var seen = new java.util.TreeSet<Integer>();
    await(
        "the bar moves",
        () -> {
          page.clock().fastForward(REFRESH_MILLIS);
          page.waitForTimeout(100);
          // None is there until there is something to count.
          Optional.ofNullable(bar.count() > 0 ? bar.getAttribute("aria-valuenow") : null)
              .map(Integer::valueOf)
              .ifPresent(seen::add);
          return seen.size() > 1;
        });
    var card = page.locator(".lh-running", new Page.LocatorOptions().setHasText(name));
    assertThat(card).containsText(Pattern.compile("of [0-9,]+ rows"));
    assertThat(card).containsText("rows/s");

    assertThat(press(page, "Pause", name)).contains(name);
    seen(page, button(page, "Resume", name));
    await("it is paused", () -> status(name).equals("PAUSED"));
    seen(page, section(page, "Waiting", name));

    assertThat(press(page, "Resume", name)).contains(name);
    seen(page, section(page, "Ended lately", name));
    assertThat(status(name)).isEqualTo("FINISHED");

    section(page, "Ended lately", name).click();
    assertThat(page.locator("h2").first()).hasText(name);
    button(page, "Roll back", name).click();
    var dialog = page.locator("dialog");
    assertThat(dialog).containsText("Its backwards script runs");
    assertThat(dialog.getByRole(AriaRole.BUTTON, named("Leave it"))).isFocused();
    page.keyboard().press("Enter");
    assertThat(dialog).isHidden();
    assertThat(status(name)).isEqualTo("FINISHED");

    assertThat(press(page, "Roll back", name)).contains(name);
    seen(page, page.locator(".lh-detail .lh-rolled-back"));
    assertThat(status(name)).isEqualTo("ROLLED BACK");
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void failureSaysWhatToDoAndIsRetried(ColorScheme theme) throws Exception {
    var name = "load_" + theme.name().toLowerCase(java.util.Locale.ROOT);
    register(
        migration(name, "insert into %s_rows values (1)".formatted(name), "")
            .put("execute_immediately", true));
    var page = open(theme, 1280, "");

    seen(page, section(page, "Failed", name));
    assertThat(page.locator(".lh-failed").first())
        .containsText("relation \"%s_rows\" does not exist".formatted(name));
    assertThat(page.locator(".lh-failed").first()).containsText("What to do: ");

    execute("create table %s_rows (n int)".formatted(name));
    assertThat(press(page, "Retry", name)).contains(name);

    seen(page, section(page, "Ended lately", name));
    assertThat(section(page, "Failed", name)).hasCount(0);
    assertThat(status(name)).isEqualTo("FINISHED");
  }

  @Test
  void listIsFilteredAndTurnedAndKeptInTheAddress() {
    var all = JSON.createObjectNode();
    var migrations = all.putArray("migrations");
    for (int i = 1; i <= 65; i++) {
      migrations.add(migration("paged_%03d".formatted(i), "select " + i, ""));
    }
    register(all);
    var page = open(ColorScheme.LIGHT, 1280, "");
    var rows = page.locator("#widget tbody tr");

    page.getByLabel("Name").fill("PAGED");
    page.getByLabel("Name").press("Enter");
    assertThat(rows).hasCount(30);
    assertThat(rows.first()).containsText("paged_065");
    page.getByText("Next page").click();
    assertThat(rows.first()).containsText("paged_035");
    page.getByText("Next page").click();
    assertThat(rows).hasCount(5);
    page.reload();
    assertThat(rows).hasCount(5);
    page.goBack();
    assertThat(rows.first()).containsText("paged_035");
    page.getByText("First page").click();
    assertThat(rows.first()).containsText("paged_065");

    page.getByLabel("Status").selectOption("FINISHED");
    page.getByText("Show", new Page.GetByTextOptions().setExact(true)).click();
    assertThat(page.locator("#widget")).containsText("No migration is like that.");
    page.getByLabel("Status").selectOption("SCHEDULED");
    page.getByLabel("Name").fill("paged_04");
    page.clock().fastForward(REFRESH_MILLIS);
    assertThat(page.getByLabel("Name")).hasValue("paged_04");
    page.getByText("Show", new Page.GetByTextOptions().setExact(true)).click();
    assertThat(rows).hasCount(10);
  }

  @Test
  void hostileTextsAreShownAndDoNothing() {
    var name = "<script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=2>\u202etxt";
    var junk = "</pre><script>window.hacked=3</script>' onmouseover='window.hacked=4".repeat(160);
    register(
        migration(name, "select '" + junk.replace("'", "''") + "'::int", "select 1")
            .put("execute_immediately", true));
    await("it fails", () -> status(name).equals("ERROR"));

    var overview = open(ColorScheme.LIGHT, 1280, "");
    assertThat(overview.locator(".lh-failed").first())
        .containsText(
            "<script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=2>⟦U+202E⟧txt");
    overview.locator(".lh-failed .lh-name").first().click();
    assertThat(overview.locator("h2").first()).containsText("⟦U+202E⟧");
    assertThat(overview.locator("pre.lh-sql").first()).containsText("window.hacked=3");
    button(overview, "Roll back", name.replace("\u202e", "⟦U+202E⟧")).click();
    assertThat(overview.locator("dialog")).containsText("<script>window.hacked=1");

    assertThat(overview.evaluate("typeof window.hacked")).isEqualTo("undefined");
    assertThat(overview.locator("#widget script, #widget img, dialog img").count()).isZero();
  }

  @Test
  void whatCloudWatchWouldStripIsStripped() {
    var page = open(ColorScheme.LIGHT, 1280, "");
    page.route(
        "**/invocations",
        route ->
            route.fulfill(
                new com.microsoft.playwright.Route.FulfillOptions()
                    .setContentType("application/json")
                    .setBody(
                        JSON.createObjectNode()
                            .textNode(
                                "<p id=\"kept\""
                                    + " onclick=\"window.hacked=1\">kept</p><script>window.hacked=2</script><iframe"
                                    + " srcdoc=\"x\"></iframe><svg><use href=\"#a\"></use></svg><a"
                                    + " id=\"link\" href=\"javascript:window.hacked=3\">link</a>")
                            .toString())));
    page.clock().fastForward(REFRESH_MILLIS);

    page.locator("#kept").click();
    page.locator("#link").click();

    assertThat(page.locator("#widget script, #widget iframe, #widget use").count()).isZero();
    assertThat(page.locator("#kept").getAttribute("onclick")).isNull();
    assertThat(page.locator("#link").getAttribute("href")).isNull();
    assertThat(page.evaluate("typeof window.hacked")).isEqualTo("undefined");
    // The handler is refused while the page takes it out.
    complaints.removeIf(text -> text.startsWith("Executing inline event handler violates"));
  }

  @Test
  void stackThatIsGoneIsSaidSo() {
    var page = open(ColorScheme.DARK, 1280, "");
    page.route("**/invocations", route -> route.abort());
    page.clock().fastForward(REFRESH_MILLIS);

    assertThat(page.getByRole(AriaRole.ALERT)).containsText("Is it still running?");
    assertThat(page.locator("#widget > .lh")).isVisible();
    assertThat(complaints).allMatch(text -> text.contains("ERR_FAILED"));
    complaints.clear();
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void axeFindsNothingSerious(ColorScheme theme) throws Exception {
    var prefix = "axe_" + theme.name().toLowerCase(java.util.Locale.ROOT);
    register(
        migration(prefix + "_fails", "select * from nowhere", "select 1")
            .put("execute_immediately", true));
    register(slowUpdate(prefix + "_runs").put("execute_immediately", true));
    var waits = migration(prefix + "_waits", "select 1", "");
    waits.put("execute_immediately", true).putArray("depends_on").add(prefix + "_runs");
    register(waits);
    await("it fails", () -> status(prefix + "_fails").equals("ERROR"));

    var page = open(theme, 1280, "");
    seen(page, page.getByRole(AriaRole.PROGRESSBAR));
    assertNothingSerious(page, "overview");
    button(page, "Cancel", prefix + "_runs").click();
    assertNothingSerious(page, "confirmation");
    page.locator("dialog").getByRole(AriaRole.BUTTON, named("Leave it")).click();
    assertNothingSerious(open(theme, 400, "#view=list"), "narrow list");
    assertNothingSerious(open(theme, 1280, detail(prefix + "_runs")), "detail that runs");
    assertNothingSerious(open(theme, 1280, detail(prefix + "_fails")), "detail that failed");
    var cancel =
        JSON.createObjectNode().put("action", "cancel").put("migration_name", prefix + "_runs");
    invoke("ControlFunction", cancel);
  }

  private static void assertNothingSerious(Page page, String what) throws IOException {
    try (var axe =
        Objects.requireNonNull(DashboardPageTest.class.getResourceAsStream("/axe.min.js"))) {
      page.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
    }
    var found =
        page.evaluate(
            """
            async () => (await axe.run({ resultTypes: ['violations'] })).violations
              .filter(one => ['serious', 'critical'].includes(one.impact))
              .map(one => one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).join('; '))
            """);
    assertThat((List<?>) found).as("what axe finds in the " + what).isEmpty();
  }
}
