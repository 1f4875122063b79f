package dev.longhaul.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.model.ModelChecker.Result;
import dev.longhaul.model.ProtocolModel.Instance;
import dev.longhaul.model.ProtocolModel.Mutation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProtocolModelTest {
  private static final Path DIRECTORY = Path.of("..", "docs", "model");
  private static final Duration LONGEST = Duration.ofMinutes(3);

  /// `-Dmodel.all` checks also what takes more than some seconds; `bench/run proof` does anyway.
  private static final boolean IS_ALL = Boolean.getBoolean("model.all");

  private static final ExecutorService ONE = Executors.newSingleThreadExecutor();

  private static final Map<Instance, CompletableFuture<Result>> RESULTS = new LinkedHashMap<>();

  @BeforeAll
  static void begin() {
    ModelChecker checker = new ModelChecker(DIRECTORY.resolve("Longhaul.tla"), 1);
    List<Instance> instances = new ArrayList<>(small());
    mutations().forEach(mutation -> instances.add(mutation.instance()));
    for (Instance instance : instances) {
      RESULTS.put(instance, CompletableFuture.supplyAsync(() -> check(checker, instance), ONE));
    }
  }

  private static Result check(ModelChecker checker, Instance instance) {
    try {
      return checker.check(instance, LONGEST);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Result result(Instance instance) {
    return Objects.requireNonNull(RESULTS.get(instance)).join();
  }

  @AfterAll
  static void end() {
    ONE.shutdownNow();
  }

  static List<Instance> small() {
    return ProtocolModel.small();
  }

  static List<Mutation> mutations() {
    return ProtocolModel.mutations().stream()
        .filter(mutation -> IS_ALL || !mutation.isLong())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("small")
  void theProtocolHolds(Instance instance) {
    assertThat(result(instance).violated()).isEmpty();
    assertThat(result(instance).isComplete()).isTrue();
    System.out.printf(
        "model: %s: %,d distinct states, all properties hold%n",
        instance.describe(), result(instance).distinct());
  }

  @ParameterizedTest
  @MethodSource("mutations")
  void theProtocolNeeds(Mutation mutation) {
    assertThat(result(mutation.instance()).violated()).contains(mutation.caughtBy());
  }

  @Test
  void thePageNamesEveryMutation() throws IOException {
    String page = Files.readString(DIRECTORY.resolve("README.md"));
    for (Mutation mutation : ProtocolModel.mutations()) {
      assertThat(page).contains("| %s | `%s` |".formatted(mutation.lacks(), mutation.caughtBy()));
    }
  }
}
