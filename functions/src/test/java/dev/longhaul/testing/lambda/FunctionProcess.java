package dev.longhaul.testing.lambda;

import dev.longhaul.testing.PlantedCanary;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/// A function in a process of its own, started as Lambda's Java runtime starts one: the runtime
/// client on the class path, the unpacked archive as working directory. Linux only: the runtime
/// client has a native part.
///
/// ```java
/// try (var executor = FunctionProcess.start(code, "dev.longhaul.execution.ExecutorFunction", environment)) {
///   var running = executor.send(Event.of(sqsEvent));
///   …
///   executor.kill();
///   running.get() // Answer.Ended[exitCode=137, …]
/// }
/// ```
public final class FunctionProcess implements AutoCloseable {
  /// What the managed runtime gives to a function of 512 MB, as far as it is known: 85 % of the
  /// memory for the heap, the serial collector, and only the first compiler.
  public static final List<String> MANAGED_RUNTIME =
      List.of(
          "-XX:MaxHeapSize=445645k",
          "-XX:+UseSerialGC",
          "-Xshare:auto",
          "-XX:+TieredCompilation",
          "-XX:TieredStopAtLevel=1",
          "-Djava.net.preferIPv4Stack=true",
          "-XX:+ErrorFileToStderr",
          "--add-opens=java.base/java.io=ALL-UNNAMED");

  /// The runtime client unpacks its native part to `/tmp/.libaws-lambda-jni.so`, wherever that may
  /// be in use: two that start at once may load half a file, and abort.
  private static final ReentrantLock STARTING = new ReentrantLock();

  /// The same for other processes that test.
  private static final Path LOCK =
      Path.of(System.getProperty("java.io.tmpdir"), "longhaul-runtime-client.lock");

  private static final String MAIN = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

  /// What Lambda would cut off after 10 s; a busy machine may need longer.
  private static final Duration TO_START = Duration.ofMinutes(1);

  private final Process process;
  private final RuntimeApi api;
  private final FunctionLog log;
  private final long started;

  private FunctionProcess(Process process, RuntimeApi api, long started) {
    this.process = process;
    this.api = api;
    this.log = FunctionLog.of(process);
    this.started = started;
    var _ =
        process
            .onExit()
            .thenAccept(ended -> api.end(new Answer.Ended(ended.exitValue(), System.nanoTime())));
  }

  public static FunctionProcess start(
      FunctionCode code, String handler, Map<String, String> environment) throws IOException {
    return start(code, handler, environment, List.of());
  }

  /// @param handler the class
  /// @param environment all of it, beside what Lambda sets itself
  /// @param options for the JVM, beside [#MANAGED_RUNTIME]
  public static FunctionProcess start(
      FunctionCode code, String handler, Map<String, String> environment, List<String> options)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(MANAGED_RUNTIME);
    command.addAll(options);
    command.addAll(List.of("-classpath", code.classPathOption(), MAIN, handler));
    var builder =
        new ProcessBuilder(command).directory(code.taskRoot().toFile()).redirectErrorStream(true);
    var process = new CompletableFuture<Process>();
    var api = RuntimeApi.start(() -> process.join().destroyForcibly());
    var variables = builder.environment();
    variables.clear();
    variables.putAll(reserved(handler, code.taskRoot()));
    variables.putAll(PlantedCanary.plant(environment));
    variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
    STARTING.lock();
    try (var file = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = file.lock()) {
      var started = System.nanoTime();
      process.complete(builder.start());
      var function = new FunctionProcess(process.join(), api, started);
      awaitLoaded(api);
      return function;
    } catch (IOException e) {
      api.close();
      throw e;
    } finally {
      STARTING.unlock();
    }
  }

  /// A function that cannot be made is not ready, and will be asked about that later.
  private static void awaitLoaded(RuntimeApi api) {
    var _ =
        api.ready()
            .handle((_, _) -> true)
            .completeOnTimeout(false, TO_START.toMillis(), TimeUnit.MILLISECONDS)
            .join();
  }

  /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
  private static Map<String, String> reserved(String handler, Path taskRoot) {
    var function = handler.substring(handler.lastIndexOf('.') + 1);
    return Map.ofEntries(
        Map.entry("_HANDLER", handler),
        Map.entry("AWS_EXECUTION_ENV", "AWS_Lambda_java25"),
        Map.entry("AWS_LAMBDA_FUNCTION_NAME", function),
        Map.entry("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        Map.entry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        Map.entry("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        Map.entry("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        Map.entry("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function),
        Map.entry("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0123456789abcdef"),
        Map.entry("AWS_REGION", "us-east-1"),
        Map.entry("AWS_DEFAULT_REGION", "us-east-1"),
        Map.entry("AWS_ACCESS_KEY_ID", "test"),
        Map.entry("AWS_SECRET_ACCESS_KEY", PlantedCanary.SECRET_KEY),
        Map.entry("AWS_SESSION_TOKEN", PlantedCanary.SECRET_KEY),
        Map.entry("LAMBDA_TASK_ROOT", taskRoot.toString()),
        Map.entry("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        Map.entry("LANG", "en_US.UTF-8"),
        Map.entry("PATH", "/usr/local/bin:/usr/bin:/bin"),
        Map.entry("TZ", ":UTC"));
  }

  /// Waits until the function asks for its first event, which ends its init phase.
  ///
  /// @return when it did, by [System#nanoTime]
  public long awaitReady() throws InterruptedException {
    return await(api.ready(), TO_START, "ready");
  }

  /// Hands an event over as soon as the function asks for one, and returns at once.
  public CompletableFuture<Answer> send(Event event) {
    return api.send(event);
  }

  /// Hands an event over and waits for the answer, or for the event's deadline.
  public Answer invoke(Event event) throws InterruptedException {
    return await(send(event), event.timeout().plus(TO_START), "answered");
  }

  public Answer invoke(String payload) throws InterruptedException {
    return invoke(Event.of(payload));
  }

  private <T> T await(CompletableFuture<T> future, Duration patience, String wish)
      throws InterruptedException {
    try {
      return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("the function has not " + wish + ":\n" + log.text(), e);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause() + ":\n" + log.text(), e);
    }
  }

  /// SIGKILL, as when Lambda takes an execution environment away, or it runs out of memory. Returns
  /// when the process is gone.
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// SIGSTOP: between two invocations Lambda freezes the process, for minutes or hours.
  public void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  /// SIGCONT.
  public void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new IllegalStateException("no process " + process.pid() + " to signal");
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// Waits for the end of the process: 128 and the signal's number after a signal.
  public int awaitExit(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("the function has not ended:\n" + log.text());
    }
    return process.exitValue();
  }

  /// What the function has written so far, on both streams.
  public FunctionLog log() {
    return log;
  }

  public ProcessHandle handle() {
    return process.toHandle();
  }

  /// Milliseconds from the start of the process to a moment of [System#nanoTime].
  public double since(long moment) {
    return (moment - started) / 1e6;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    api.close();
  }
}
