package dev.longhaul.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.longhaul.Longhaul;
import dev.longhaul.control.ControlFunction;
import dev.longhaul.dashboard.DashboardFunction;
import dev.longhaul.execution.ExecutorFunction;
import dev.longhaul.registration.RegistrationFunction;
import dev.longhaul.trigger.TriggerFunction;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.LogManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `./longhaul local`: a local stack until Ctrl-C.
@Command(
    name = "local",
    mixinStandardHelpOptions = true,
    description =
        "Runs the functions, a queue, EventBridge's rules and a PostgreSQL on this machine.",
    footer = {
      "",
      "Prints a line that starts with 'ready' when it serves. Ctrl-C stops it; what it knows stays"
          + " in the state directory, and the next start goes on from there."
    })
public final class LocalCommand implements Callable<Integer> {
  /// How long a Ctrl-C during the start waits for the start to end.
  private static final long START_SECONDS = 90;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "" + LocalStackOptions.DEFAULT_PORT,
      description = "Lambda's and EventBridge's APIs (default: ${DEFAULT-VALUE}; 0: any free one)")
  private int port;

  @Option(
      names = "--sqs-port",
      paramLabel = "PORT",
      defaultValue = "" + LocalStackOptions.DEFAULT_QUEUE_PORT,
      description = "the queue server (default: ${DEFAULT-VALUE}; 0: any free one)")
  private int queuePort;

  @Option(
      names = "--pg-port",
      paramLabel = "PORT",
      description = "PostgreSQL (default: 54329 or the next free one; 0: any free one)")
  private @Nullable Integer postgresPort;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description = "an existing database instead: postgresql://… or jdbc:sqlite:…")
  private @Nullable String databaseUrl;

  @Option(
      names = "--state",
      paramLabel = "DIRECTORY",
      defaultValue = ".longhaul",
      description = "what outlives the stack (default: ${DEFAULT-VALUE})")
  private Path state = Path.of(".longhaul");

  @Option(names = "--fresh", description = "throw away what earlier runs left there")
  private boolean fresh;

  @Option(
      names = "--template",
      paramLabel = "FILE",
      description =
          "the template (default: template.yaml here or in a directory above, else the one beside"
              + " the launcher)")
  private @Nullable Path template;

  @Option(
      names = "--parameter",
      paramLabel = "KEY=VALUE",
      description = "a value for one of the template's parameters; may be repeated")
  private Map<String, String> parameters = Map.of();

  @Option(
      names = "--allow-scheduled",
      description =
          "registered migrations wait for a trigger, as where ALLOW_SCHEDULED_MIGRATIONS is true in"
              + " the environment")
  private boolean allowScheduled;

  @Option(
      names = "--first-job-rows",
      paramLabel = "ROWS",
      defaultValue = "5000000",
      description =
          "how many rows the first job works on, which a start shows (default: ${DEFAULT-VALUE};"
              + " 0: no first job)")
  private int firstJobRows;

  private final Function<Map<String, String>, Map<String, RequestStreamHandler>> functions;
  private final boolean welcomes;

  public LocalCommand() {
    this(LocalCommand::handlers, true);
  }

  /// @param welcomes whether the functions are such that a first job can be shown
  LocalCommand(
      Function<Map<String, String>, Map<String, RequestStreamHandler>> functions,
      boolean welcomes) {
    this.functions = functions;
    this.welcomes = welcomes;
  }

  /// The real handlers, as the template wires them.
  public static Map<String, RequestStreamHandler> handlers(Map<String, String> environment) {
    var longhaul = Longhaul.fromEnvironment(environment);
    return Map.of(
        "RegistrationFunction", new RegistrationFunction(longhaul),
        "TriggerFunction", new TriggerFunction(longhaul),
        "ExecutorFunction", new ExecutorFunction(longhaul),
        "ControlFunction", new ControlFunction(longhaul),
        "DashboardFunction", new DashboardFunction(longhaul, environment, InstantSource.system()));
  }

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("only picocli runs a command");
    }
    // Taken now: System.out is the functions' log while the stack runs.
    var out = spec.commandLine().getOut();
    quietLogs();
    setIfAbsent("aws.region", "AWS_REGION", "us-east-1");
    setIfAbsent("aws.accessKeyId", "AWS_ACCESS_KEY_ID", "local");
    setIfAbsent("aws.secretAccessKey", "AWS_SECRET_ACCESS_KEY", "local");
    var running = new Running(out);
    Runtime.getRuntime().addShutdownHook(running.stopper);
    try {
      var stack = LocalStack.start(options(), functions);
      running.started(stack);
      print(out, stack);
      if (welcomes && firstJobRows > 0) {
        stack
            .welcome(out, firstJobRows)
            .ifPresent(welcome -> Thread.ofVirtual().name("welcome").start(welcome));
      }
      new CountDownLatch(1).await();
      return 0;
    } catch (StartFailure e) {
      running.failed();
      spec.commandLine().getErr().println("longhaul local: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private LocalStackOptions options() {
    var options =
        LocalStackOptions.in(state)
            .fresh(fresh)
            .port(port)
            .queuePort(queuePort)
            .parameters(parameters)
            .databaseUrl(databaseUrl)
            .allowScheduledMigrations(
                allowScheduled
                    || Longhaul.isOn(
                        System.getenv().getOrDefault("ALLOW_SCHEDULED_MIGRATIONS", "false")))
            .capturesStandardOutput(true);
    if (postgresPort != null) {
      options.postgresPort(postgresPort);
    }
    if (template != null) {
      options.template(template);
    }
    return options;
  }

  private void print(PrintWriter out, LocalStack stack) {
    var addresses = stack.addresses();
    // The stack's own database is reached by nothing but what is printed here; a password that was
    // given from outside is not repeated.
    var database =
        databaseUrl == null
            ? addresses.databaseUrl()
            : Addresses.withoutPassword(addresses.databaseUrl());
    out.println("Lambda, EventBridge  " + addresses.endpoint());
    out.println("Queue                " + addresses.queueUrl());
    out.println("Database             " + database);
    out.println("Functions' log       " + state.resolve("functions.log"));
    if (stack.isDatabaseAttached()) {
      out.println("PostgreSQL was still running: its sessions go on.");
    }
    out.printf(
        "ready endpoint_url=%s queue_url=%s database_url=%s%n",
        addresses.endpoint(), addresses.queueUrl(), database);
    out.flush();
  }

  private static void setIfAbsent(String property, String variable, String value) {
    if (System.getProperty(property) == null && System.getenv(variable) == null) {
      System.setProperty(property, value);
    }
  }

  /// Warnings on one line; ElasticMQ and the AWS SDK have much more to say.
  private static void quietLogs() {
    var configuration =
        """
        handlers = java.util.logging.ConsoleHandler
        .level = WARNING
        java.util.logging.ConsoleHandler.level = WARNING
        java.util.logging.SimpleFormatter.format = %1$tT %4$s %3$s: %5$s%6$s%n
        """;
    try {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Stops the stack when the process is asked to end. The JVM would end with the signal's code,
  /// 130 or 143; a stack that was asked to stop, and did, ends with 0.
  private static final class Running {
    private final CountDownLatch settled = new CountDownLatch(1);
    private final Thread stopper = Thread.ofPlatform().name("stop").unstarted(this::stop);
    private final PrintWriter out;
    private volatile @Nullable LocalStack stack;

    Running(PrintWriter out) {
      this.out = out;
    }

    void started(LocalStack value) {
      stack = value;
      settled.countDown();
    }

    void failed() {
      settled.countDown();
    }

    private void stop() {
      try {
        var _ = settled.await(START_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      var running = stack;
      if (running != null) {
        out.println("stopping");
        out.flush();
        running.close();
        Runtime.getRuntime().halt(0);
      }
    }
  }
}
