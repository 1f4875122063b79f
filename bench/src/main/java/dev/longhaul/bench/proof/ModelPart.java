package dev.longhaul.bench.proof;

import dev.longhaul.bench.Project;
import dev.longhaul.model.ModelChecker;
import dev.longhaul.model.ModelChecker.Result;
import dev.longhaul.model.ProtocolModel;
import dev.longhaul.model.ProtocolModel.Instance;
import dev.longhaul.model.ProtocolModel.Mutation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Every state that the model of the protocol can reach, in instances of growing size, and whether
/// each mutation of it is noticed.
final class ModelPart implements Part {
  private static final Duration LEAST = Duration.ofSeconds(5);
  private static final Duration LEAST_SMALL = Duration.ofMinutes(1);

  /// Lines of the table before its first row.
  private static final int HEAD = 2;

  /// The longest takes 97 s on two cores that do nothing else.
  private static final Duration LONGEST_MUTATION = Duration.ofMinutes(5);

  @Override
  public String name() {
    return "model";
  }

  @Override
  public int weight() {
    return 3;
  }

  @Override
  public Finding run(Duration time, Consumer<String> progress)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    ModelChecker checker =
        new ModelChecker(
            Project.root().resolve("docs").resolve("model").resolve("Longhaul.tla"),
            Runtime.getRuntime().availableProcessors());
    List<String> violations = new ArrayList<>();
    int caught = 0;
    long states = 0;
    long distinct = 0;
    for (Mutation mutation : ProtocolModel.mutations()) {
      progress.accept("without " + mutation.lacks());
      Result result = checker.check(mutation.instance(), LONGEST_MUTATION);
      states += result.states();
      distinct += result.distinct();
      if (result.violated().isPresent()) {
        caught++;
      } else {
        violations.add(
            "the model does not miss %s%s"
                .formatted(
                    mutation.lacks(),
                    result.isComplete() ? "" : ", or not before the time was up"));
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("| script; what may go wrong | states | of them distinct | all of them | time, s |");
    lines.add("| --- | --- | --- | --- | --- |");
    int complete = 0;
    List<Instance> instances = new ArrayList<>(ProtocolModel.small());
    instances.addAll(ProtocolModel.large());
    for (Instance instance : instances) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      // The small ones are checked whatever the time is.
      boolean isSmall = lines.size() < ProtocolModel.small().size() + HEAD;
      if (isSmall && left.compareTo(LEAST_SMALL) < 0) {
        left = LEAST_SMALL;
      } else if (left.compareTo(LEAST) < 0) {
        break;
      }
      progress.accept("model: " + instance.describe());
      Result result = checker.check(instance, left);
      states += result.states();
      distinct += result.distinct();
      complete += result.isComplete() ? 1 : 0;
      result
          .violated()
          .ifPresent(property -> violations.add(property + ": " + instance.describe()));
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s%s | %,d | %,d | %s | %d |",
              instance.describe(),
              instance.dropped().isEmpty() ? "" : "; without " + instance.dropped(),
              result.states(),
              result.distinct(),
              extent(result),
              result.time().toSeconds()));
    }
    return new Finding(
        "The model of the protocol",
        List.of(
            new Finding.Figure("states explored", number(states)),
            new Finding.Figure("of them distinct", number(distinct)),
            new Finding.Figure(
                "instances explored to the end", complete + " of " + instances.size()),
            new Finding.Figure(
                "mutations of the model caught",
                caught + " of " + ProtocolModel.mutations().size())),
        "[docs/model](model/README.md) says what is modelled, which properties are checked, and"
            + " which mutations.\n\n"
            + String.join("\n", lines),
        violations);
  }

  private static String extent(Result result) {
    if (result.isComplete()) {
      return "yes";
    }
    return result.violated().isPresent() ? "no, it ends at a violation" : "no, the time was up";
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
