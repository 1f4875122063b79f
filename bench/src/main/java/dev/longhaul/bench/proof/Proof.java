package dev.longhaul.bench.proof;

import dev.longhaul.bench.BatchServer;
import dev.longhaul.bench.Machine;
import dev.longhaul.bench.Project;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs all parts and writes the page.
@Command(
    name = "proof",
    mixinStandardHelpOptions = true,
    description =
        "Checks what is promised: the model, the simulation, the load. Writes docs/proof.md if all"
            + " parts ran.")
public final class Proof implements Callable<Integer> {
  @Option(
      names = "--minutes",
      defaultValue = "60",
      description = "how long to check, in all (default: ${DEFAULT-VALUE})")
  private int minutes;

  @Option(
      names = "--only",
      split = ",",
      description = "run these parts, and leave the page as it is: model, simulation, load")
  private List<String> only = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Machine machine = Machine.look();
    // A local stack takes standard output for its functions, and keeps it as long as one still
    // runs.
    PrintStream out = System.out;
    List<Part> parts =
        Parts.all().stream().filter(part -> only.isEmpty() || only.contains(part.name())).toList();
    int weights = parts.stream().mapToInt(Part::weight).sum();
    long begin = System.nanoTime();
    List<Finding> findings = new ArrayList<>();
    for (Part part : parts) {
      Duration time = Duration.ofMinutes(minutes).multipliedBy(part.weight()).dividedBy(weights);
      findings.add(part.run(time, message -> System.err.println(message)));
    }
    String page = page(findings, Duration.ofNanos(System.nanoTime() - begin), machine);
    out.println(page);
    if (only.isEmpty()) {
      write(page);
    }
    return findings.stream().allMatch(finding -> finding.violations().isEmpty()) ? 0 : 1;
  }

  private static void write(String page) throws IOException {
    Files.writeString(Project.root().resolve("docs").resolve("proof.md"), page);
  }

  private static String page(List<Finding> findings, Duration time, Machine machine) {
    List<String> lines = new ArrayList<>();
    lines.add("# What was checked");
    lines.add("");
    lines.add(
        "Written by `bench/run proof --minutes N`, which anybody can run; `mvn verify` runs a small"
            + " part of each.");
    lines.add("");
    lines.add("| what | number |");
    lines.add("| --- | --- |");
    List<String> violations = new ArrayList<>();
    for (Finding finding : findings) {
      finding
          .figures()
          .forEach(figure -> lines.add("| %s | %s |".formatted(figure.what(), figure.number())));
      violations.addAll(finding.violations());
    }
    lines.add("| violations | %d |".formatted(violations.size()));
    lines.add("| time | %d min %d s |".formatted(time.toMinutes(), time.toSecondsPart()));
    lines.add("");
    violations.forEach(violation -> lines.add("- Does not hold: " + violation));
    if (!violations.isEmpty()) {
      lines.add("");
    }
    for (Finding finding : findings) {
      lines.add("## " + finding.title());
      lines.add("");
      lines.add(finding.text());
      lines.add("");
    }
    lines.add(machine.describe(BatchServer.release(Parts.POSTGRES)));
    return String.join("\n", lines) + "\n";
  }
}
