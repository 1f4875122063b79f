package dev.longhaul.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.html.Attribute;
import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.journal.JournalEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far a migration is: a bar and a line of words. The statement's own progress where it reports
/// any, else the steps of the script.
record ProgressView(
    JournalEntry.Steps steps, @Nullable ObjectNode reported, @Nullable Instant detachedAt) {

  private static final int MOST_SAMPLES = 120;

  private JsonNode json() {
    return reported == null ? MissingNode.getInstance() : reported;
  }

  private boolean isReported() {
    return json().path("total").asLong() > 0;
  }

  private long total() {
    return isReported() ? json().path("total").asLong() : steps.total();
  }

  private long done() {
    return Math.min(total(), isReported() ? json().path("done").asLong() : steps.done());
  }

  private int percent() {
    return total() == 0 ? 0 : (int) (100 * done() / total());
  }

  /// Whether there is anything to count. A script of one statement that does not report itself is
  /// either under way or done; and the transactions that one waits for say nothing of its own work.
  private boolean isKnown() {
    return !waits() && (isReported() || steps.total() > 1);
  }

  private boolean waits() {
    return json().path("phase").asText("").startsWith("waiting");
  }

  /// Striped where nobody knows how far it is.
  Html bar(String name) {
    Html bar =
        Html.of(Tag.DIV, isKnown() ? "lh-bar" : "lh-bar lh-unknown")
            .with(Attribute.ROLE, "progressbar")
            .with(Attribute.ARIA_LABEL, "progress of " + Words.start(name, 120));
    if (!isKnown()) {
      return bar;
    }
    return bar.with(Attribute.ARIA_VALUE_MIN, 0)
        .with(Attribute.ARIA_VALUE_MAX, 100)
        .with(Attribute.ARIA_VALUE_NOW, percent())
        .add(
            Html.of(Tag.SVG)
                .with(Attribute.VIEW_BOX, "0 0 100 6")
                .with(Attribute.PRESERVE_ASPECT_RATIO, "none")
                .with(Attribute.ARIA_HIDDEN, "true")
                .add(
                    Html.of(Tag.SVG_RECT, "lh-track")
                        .with(Attribute.WIDTH, 100)
                        .with(Attribute.HEIGHT, 6))
                .add(
                    Html.of(Tag.SVG_RECT, "lh-fill")
                        .with(Attribute.WIDTH, Math.max(percent(), 1))
                        .with(Attribute.HEIGHT, 6)));
  }

  /// The facts, each a few words, the most wanted first.
  List<String> facts(Instant now) {
    List<String> facts = new ArrayList<>();
    String unit = json().path("unit").asText("step");
    if (isKnown()) {
      facts.add(percent() + " %");
      facts.add(
          "%s of %s"
              .formatted(
                  Words.number(done()), Words.plural(total(), isReported() ? unit : "step")));
    }
    double rate = json().path("rows_per_second").asDouble();
    if (rate > 0) {
      facts.add(Words.number(Math.round(rate)) + " rows/s");
    }
    if (json().path("eta_seconds").isNumber()) {
      facts.add(
          "about " + Words.of(Duration.ofSeconds(json().path("eta_seconds").asLong())) + " left");
    }
    phase().ifPresent(facts::add);
    if (steps.total() > 1) {
      facts.add(
          "step %d of %d".formatted(Math.min(steps.done() + 1, steps.total()), steps.total()));
    }
    if (detachedAt != null) {
      facts.add("left to the server " + Words.ago(detachedAt, now));
    }
    return facts;
  }

  private java.util.Optional<String> phase() {
    String phase = json().path("phase").asText("");
    // The step is named beside it, where there are several.
    return phase.isEmpty() || phase.matches("step \\d+")
        ? java.util.Optional.empty()
        : java.util.Optional.of(Words.start(phase, 120));
  }

  /// How a table is walked, for who wants to know more.
  List<String> details() {
    List<String> details = new ArrayList<>();
    if (json().path("batches").isNumber()) {
      details.add(
          "%s so far, now of %s"
              .formatted(
                  batches(json().path("batches").asLong()),
                  Words.plural(json().path("batch_rows").asLong(), "row")));
    }
    String stripes = Words.start(json().path("stripes_reason").asText(""), 300);
    if (!stripes.isEmpty()) {
      int number = json().path("stripes").asInt();
      details.add((number > 1 ? number + " stripes: " : "stripes: ") + stripes);
    }
    return details;
  }

  private static String batches(long number) {
    return Words.number(number) + (number == 1 ? " batch" : " batches");
  }

  /// What keeps it from being faster.
  List<String> brakes() {
    List<String> brakes = new ArrayList<>();
    JsonNode pace = json().path("pace");
    String reason = json().path("pace_reason").asText("");
    if (pace.isNumber() && pace.asDouble() < 1) {
      String words =
          pace.asDouble() <= 0
              ? "held back, to spare the database"
              : "slowed down to %d %%, to spare the database"
                  .formatted(Math.round(pace.asDouble() * 100));
      brakes.add(words + (reason.isEmpty() ? "" : ": " + Words.start(reason, 300)));
    }
    if (json().path("rows_skipped").asLong() > 0) {
      brakes.add("skipped " + Words.plural(json().path("rows_skipped").asLong(), "bad row"));
    }
    JsonNode locker = json().path("waits_for");
    if (locker.isObject()) {
      String application = locker.path("application_name").asText("");
      brakes.add(
          "waits for the transaction of session %d%s, open for %s"
              .formatted(
                  locker.path("pid").asLong(),
                  application.isEmpty() ? "" : " (" + Words.start(application, 80) + ")",
                  Words.of(Duration.ofSeconds(locker.path("transaction_seconds").asLong()))));
    }
    return brakes;
  }

  /// Rows a second between the samples; empty if there are too few.
  List<Html> sparkline() {
    List<double[]> rates = new ArrayList<>();
    JsonNode samples = json().path("samples");
    int first = Math.max(1, samples.size() - MOST_SAMPLES);
    for (int i = first; i < samples.size(); i++) {
      double seconds = samples.get(i).path(0).asDouble() - samples.get(i - 1).path(0).asDouble();
      double rows = samples.get(i).path(1).asDouble() - samples.get(i - 1).path(1).asDouble();
      if (seconds > 0 && rows >= 0) {
        rates.add(new double[] {samples.get(i).path(0).asDouble(), rows / seconds});
      }
    }
    if (rates.size() < 2) {
      return List.of();
    }
    double most = Math.max(1, rates.stream().mapToDouble(rate -> rate[1]).max().orElse(1));
    double start = rates.getFirst()[0];
    double span = Math.max(1, rates.getLast()[0] - start);
    StringBuilder path = new StringBuilder();
    StringBuilder area = new StringBuilder("M0 40");
    for (double[] rate : rates) {
      String point =
          String.format(
              java.util.Locale.ROOT,
              "%.1f %.1f",
              300 * (rate[0] - start) / span,
              38 - 36 * rate[1] / most);
      path.append(path.isEmpty() ? "M" : "L").append(point);
      area.append("L").append(point);
    }
    area.append("L300 40Z");
    String words =
        "rows per second over %s: at most %s, lately %s"
                .formatted(
                    Words.of(Duration.ofSeconds((long) span)),
                    Words.number(Math.round(most)),
                    Words.number(Math.round(rates.getLast()[1])))
            + batchesPerMinute(samples);
    return List.of(
        Html.of(Tag.DIV, "lh-spark")
            .add(
                Html.of(Tag.SVG)
                    .with(Attribute.VIEW_BOX, "0 0 300 40")
                    .with(Attribute.PRESERVE_ASPECT_RATIO, "none")
                    .with(Attribute.ROLE, "img")
                    .with(Attribute.ARIA_LABEL, words)
                    .add(Html.of(Tag.SVG_PATH, "lh-area").with(Attribute.D, area.toString()))
                    .add(Html.of(Tag.SVG_PATH, "lh-line").with(Attribute.D, path.toString())))
            .add(Html.of(Tag.SPAN, "lh-note", words)));
  }

  /// Over all samples that say so.
  private static String batchesPerMinute(JsonNode samples) {
    List<JsonNode> counted = new ArrayList<>();
    samples.forEach(
        sample -> {
          if (sample.path(2).isNumber()) {
            counted.add(sample);
          }
        });
    if (counted.size() < 2) {
      return "";
    }
    double seconds = counted.getLast().path(0).asDouble() - counted.getFirst().path(0).asDouble();
    double batches = counted.getLast().path(2).asDouble() - counted.getFirst().path(2).asDouble();
    return seconds <= 0 || batches < 0
        ? ""
        : "; %s batches a minute".formatted(Words.number(Math.round(60 * batches / seconds)));
  }

  Html line(Instant now) {
    Html line = Html.of(Tag.DIV, "lh-facts");
    facts(now).forEach(fact -> line.add(Html.of(Tag.SPAN, "lh-fact", fact)));
    brakes().forEach(brake -> line.add(Html.of(Tag.SPAN, "lh-fact lh-brake", brake)));
    return line;
  }
}
