package dev.longhaul.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A function in a process of its own, started as Lambda's Java runtime starts one: the runtime
/// client on the class path, the unpacked archive as working directory, from where that client
/// loads the function and `lib/*.jar`.
final class FunctionProcess implements AutoCloseable {
  /// What the managed runtime gives to a function of 512 MB, as far as it is known: 85 % of the
  /// memory for the heap, the serial collector, and only the first compiler.
  static final List<String> MANAGED_RUNTIME =
      List.of(
          "-XX:MaxHeapSize=445645k",
          "-XX:+UseSerialGC",
          "-Xshare:auto",
          "-XX:+TieredCompilation",
          "-XX:TieredStopAtLevel=1",
          "-Djava.net.preferIPv4Stack=true",
          "-XX:+ErrorFileToStderr",
          "--add-opens=java.base/java.io=ALL-UNNAMED");

  private static final String MAIN = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

  private static final Duration TO_END = Duration.ofSeconds(10);

  private final Process process;
  private final RuntimeApi api;
  private final long started;

  private FunctionProcess(Process process, RuntimeApi api, long started) {
    this.process = process;
    this.api = api;
    this.started = started;
  }

  /// @param archive the unpacked archive
  /// @param options for the JVM, beside [#MANAGED_RUNTIME]
  static FunctionProcess start(
      Path archive, String handler, Map<String, String> environment, List<String> options)
      throws IOException {
    var api = RuntimeApi.start();
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(MANAGED_RUNTIME);
    command.addAll(options);
    command.addAll(List.of("-classpath", runtimeClient(), MAIN, handler));
    var builder =
        new ProcessBuilder(command)
            .directory(archive.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Project.target().resolve("function.log").toFile());
    var variables = builder.environment();
    variables.clear();
    variables.putAll(environment);
    variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
    variables.put("AWS_LAMBDA_FUNCTION_NAME", handler.substring(handler.lastIndexOf('.') + 1));
    variables.put("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    variables.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512");
    variables.put("AWS_LAMBDA_LOG_FORMAT", "JSON");
    variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    variables.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench");
    variables.put("AWS_LAMBDA_LOG_STREAM_NAME", "bench");
    variables.put("AWS_REGION", "us-east-1");
    variables.put("AWS_ACCESS_KEY_ID", "bench");
    variables.put("AWS_SECRET_ACCESS_KEY", "bench");
    variables.put("AWS_SESSION_TOKEN", "bench");
    variables.put("LAMBDA_TASK_ROOT", archive.toString());
    variables.put("LANG", "en_US.UTF-8");
    variables.put("TZ", ":UTC");
    var started = System.nanoTime();
    try {
      return new FunctionProcess(builder.start(), api, started);
    } catch (IOException e) {
      api.close();
      throw e;
    }
  }

  /// The runtime's own jars, which are not in the archive.
  private static String runtimeClient() throws IOException {
    try (var jars = Files.list(Project.target().resolve("runtime-client"))) {
      return jars.map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator));
    }
  }

  RuntimeApi api() {
    return api;
  }

  /// Milliseconds from the start of the process to a moment of [System#nanoTime].
  double since(long moment) {
    return (moment - started) / 1e6;
  }

  /// Milliseconds of all cores together so far; unlike the time on the clock, what else the machine
  /// does changes little of it.
  double processorTime() {
    return process.info().totalCpuDuration().orElseThrow().toMillis();
  }

  /// The most memory that the process has had in RAM, in MB of 2^20; from Linux's
  /// `/proc/PID/status`.
  double peakMemory() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(TO_END.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    api.close();
  }
}
