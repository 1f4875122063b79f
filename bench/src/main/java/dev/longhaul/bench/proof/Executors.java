package dev.longhaul.bench.proof;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.longhaul.execution.ExecutorFunction;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionCode;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Executors in processes of their own, each under Lambda's runtime client and from the packaged
/// archive, like as many execution environments. One that was killed is started anew when its turn
/// comes.
final class Executors implements RequestStreamHandler, AutoCloseable {
  /// One execution environment.
  private final class Environment {
    final boolean isSpared;
    private @Nullable FunctionProcess process;
    private volatile boolean isBusy;

    Environment(boolean isSpared) {
      this.isSpared = isSpared;
    }

    private synchronized FunctionProcess process() throws IOException {
      if (process == null || !process.isAlive()) {
        end();
        process = FunctionProcess.start(code, ExecutorFunction.class.getName(), variables);
      }
      return process;
    }

    Answer invoke(String payload, Duration timeout) throws IOException, InterruptedException {
      isBusy = true;
      try {
        return process().invoke(Event.of(payload).withTimeout(timeout));
      } finally {
        isBusy = false;
      }
    }

    synchronized boolean kill() throws InterruptedException {
      if (isSpared || !isBusy || process == null || !process.isAlive()) {
        return false;
      }
      process.kill();
      return true;
    }

    synchronized @Nullable ProcessHandle handle() {
      return process == null ? null : process.handle();
    }

    synchronized void end() {
      if (process != null) {
        process.close();
      }
    }
  }

  private final FunctionCode code;
  private final Map<String, String> variables;
  private final List<Environment> environments = new ArrayList<>();
  private final BlockingQueue<Environment> idle = new LinkedBlockingQueue<>();
  private final AtomicLong invocations = new AtomicLong();
  private final AtomicLong cutOff = new AtomicLong();

  /// @param count of processes
  /// @param spared how many of them are never killed, so that their memory can be watched
  Executors(FunctionCode code, Map<String, String> variables, int count, int spared) {
    this.code = code;
    this.variables = Map.copyOf(variables);
    for (int i = 0; i < count; i++) {
      Environment environment = new Environment(i < spared);
      environments.add(environment);
      idle.add(environment);
    }
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    String payload = new String(input.readAllBytes(), StandardCharsets.UTF_8);
    try {
      Environment environment = idle.take();
      try {
        invocations.incrementAndGet();
        Answer answer =
            environment.invoke(payload, Duration.ofMillis(context.getRemainingTimeInMillis()));
        if (answer instanceof Answer.Success(String body, long _)) {
          output.write(body.getBytes(StandardCharsets.UTF_8));
        } else {
          cutOff.incrementAndGet();
          throw new IOException("the executor gave no answer: " + answer);
        }
      } finally {
        idle.add(environment);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted before an executor was free", e);
    }
  }

  /// SIGKILL for one that is at work, if there is one.
  boolean killOne(Random random) throws InterruptedException {
    int first = random.nextInt(environments.size());
    for (int i = 0; i < environments.size(); i++) {
      if (environments.get((first + i) % environments.size()).kill()) {
        return true;
      }
    }
    return false;
  }

  /// Those that are never killed, as far as they are started.
  List<ProcessHandle> spared() {
    List<ProcessHandle> handles = new ArrayList<>();
    for (Environment environment : environments) {
      ProcessHandle handle = environment.isSpared ? environment.handle() : null;
      if (handle != null) {
        handles.add(handle);
      }
    }
    return handles;
  }

  long invocations() {
    return invocations.get();
  }

  long cutOff() {
    return cutOff.get();
  }

  @Override
  public void close() {
    environments.forEach(Environment::end);
  }
}
