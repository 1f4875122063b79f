package dev.longhaul.dashboard;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.longhaul.Longhaul;
import dev.longhaul.Priming;
import dev.longhaul.html.Html;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.journal.Survey;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Shows migrations in a CloudWatch custom widget: takes what the widget sends, answers HTML.
/// `{"describe": true}` is answered with the documentation.
public final class DashboardFunction extends JsonFunction {
  /// A target that answers later than this is shown as one that does not; the others do not wait.
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private final Longhaul longhaul;
  private final String control;
  private final String trigger;
  private final InstantSource clock;

  public DashboardFunction() {
    this(Longhaul.fromEnvironment(System.getenv()), System.getenv(), InstantSource.system());
    if (Priming.isWanted(System.getenv())) {
      prime();
    }
  }

  /// @param environment `CONTROL_FUNCTION_ARN` and `TRIGGER_FUNCTION_ARN`: what the buttons call.
  ///   Without them the page has no buttons
  public DashboardFunction(
      Longhaul longhaul, Map<String, String> environment, InstantSource clock) {
    this.longhaul = longhaul;
    this.control = environment.getOrDefault("CONTROL_FUNCTION_ARN", "");
    this.trigger = environment.getOrDefault("TRIGGER_FUNCTION_ARN", "");
    this.clock = clock;
  }

  /// Draws a page of nothing.
  void prime() {
    WidgetRequest request = WidgetRequest.of(JSON.createObjectNode());
    Parts parts = new Parts("", control, trigger, clock.instant());
    String page =
        new Frame(parts, request, Set.of(Migration.DEFAULT_TARGET))
            .page(List.of(), new OverviewPage(parts, request, false).of(List.of()));
    Log.info("ready for the snapshot", Map.of("characters", Integer.toString(page.length())));
    Priming.callNobody();
  }

  @Override
  protected JsonNode handle(ObjectNode payload, Context context) {
    if (payload.path("describe").asBoolean()) {
      return JSON.createObjectNode().put("markdown", description());
    }
    WidgetRequest request = WidgetRequest.of(payload);
    Parts parts = new Parts(context.getInvokedFunctionArn(), control, trigger, clock.instant());
    Set<String> targets = longhaul.targets().names();
    boolean several = targets.size() > 1;
    List<Frame.Problem> problems = new ArrayList<>();
    List<Html> content =
        switch (request.view()) {
          case OVERVIEW ->
              new OverviewPage(parts, request, several)
                  .of(read(request.among(targets), problems, Overview::of));
          case LIST ->
              new ListPage(parts, request, several)
                  .of(
                      read(
                          request.among(targets),
                          problems,
                          journal ->
                              ListPage.Found.of(journal.target(), new Survey(journal), request)));
          case DETAIL ->
              read(
                      List.of(
                          Objects.requireNonNullElse(request.target(), Migration.DEFAULT_TARGET)),
                      problems,
                      journal -> DetailPage.Data.of(journal, request.migration()))
                  .stream()
                  .flatMap(data -> new DetailPage(parts).of(data).stream())
                  .toList();
        };
    return TextNode.valueOf(new Frame(parts, request, targets).page(problems, content));
  }

  /// Reads all targets at the same time. One that cannot be read hides no other.
  private <T> List<T> read(
      List<String> targets, List<Frame.Problem> problems, Function<Journal, T> reader) {
    Instant deadline = clock.instant().plus(PATIENCE);
    Map<String, FutureTask<T>> tasks = new LinkedHashMap<>();
    for (String target : targets) {
      FutureTask<T> task = new FutureTask<>(() -> read(target, reader));
      tasks.put(target, task);
      Thread.ofVirtual().name("read-" + target).start(task);
    }
    List<T> found = new ArrayList<>();
    tasks.forEach(
        (target, task) -> {
          try {
            long left = Duration.between(clock.instant(), deadline).toMillis();
            found.add(task.get(Math.max(left, 1), TimeUnit.MILLISECONDS));
          } catch (ExecutionException e) {
            try (Log.Scope _ = Log.scope(Map.of("target", target))) {
              problems.add(new Frame.Problem(target, reason(e.getCause())));
            }
          } catch (TimeoutException e) {
            problems.add(
                new Frame.Problem(
                    target,
                    "it has not answered for " + Words.of(PATIENCE) + "; it may be waking"));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while targets are read", e);
          }
        });
    return found;
  }

  private <T> T read(String target, Function<Journal, T> reader) {
    try (Journal journal = longhaul.journals().open(longhaul.targets().get(target))) {
      return reader.apply(journal);
    }
  }

  private static String reason(@Nullable Throwable cause) {
    return switch (cause) {
      case Refusal refusal -> String.valueOf(refusal.getMessage());
      case JournalFailure failure ->
          logged(failure) instanceof Refusal refusal
              ? String.valueOf(refusal.getMessage())
              : "its journal cannot be read (SQLSTATE %s); the function's log says more"
                  .formatted(failure.sqlState());
      case RuntimeException bug -> throw bug;
      case null, default -> throw new IllegalStateException("a target cannot be read", cause);
    };
  }

  private static String description() {
    try (@Nullable InputStream text =
        DashboardFunction.class.getResourceAsStream("description.md")) {
      return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
