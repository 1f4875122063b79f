package dev.longhaul.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.longhaul.local.events.EventBus;
import dev.longhaul.local.events.EventsApi;
import dev.longhaul.local.events.RuleScheduler;
import dev.longhaul.local.functions.FunctionLog;
import dev.longhaul.local.functions.InvokeApi;
import dev.longhaul.local.functions.LocalFunctions;
import dev.longhaul.local.http.HttpFront;
import dev.longhaul.local.http.Reply;
import dev.longhaul.local.postgres.PostgresProblem;
import dev.longhaul.local.postgres.PostgresServer;
import dev.longhaul.local.queue.LocalQueues;
import dev.longhaul.local.queue.QueuePoller;
import dev.longhaul.local.template.LocalNames;
import dev.longhaul.local.template.QueueSource;
import dev.longhaul.local.template.RuleDefinition;
import dev.longhaul.local.template.StackTemplate;
import dev.longhaul.local.template.TemplateProblem;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A running local stack. Closing it stops everything; what is in its state directory stays.
public final class LocalStack implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LocalStack.class.getName());
  private static final String DETACH_AFTER = "DETACH_AFTER";
  private static final String HEALTH = "DATABASE_HEALTH";
  private static final String EXECUTOR = "ExecutorFunction";

  /// Longer than the journal waits for the first message of a migration.
  private static final Duration SECOND_SWEEP = Duration.ofSeconds(20);

  /// For functions whose statements the database has ended, to say so in their log.
  private static final Duration AFTER_THE_DATABASE = Duration.ofSeconds(5);

  private final LocalStackOptions options;

  /// What is to be closed, the last first.
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final StackTemplate template;
  private @Nullable Addresses addresses;
  private @Nullable String welcomeUrl;
  private @Nullable LocalFunctions functions;
  private boolean attached;

  private LocalStack(LocalStackOptions options) {
    this.options = options;
    this.template = StackTemplate.read(templateFile(options.template), options.parameters);
  }

  /// Starts a stack, and returns when it serves.
  ///
  /// @param functions makes the handlers, by their functions' names, from the environment variables
  ///   that the functions would have on AWS
  /// @throws StartFailure if it cannot start; nothing of it is left running then
  public static LocalStack start(
      LocalStackOptions options,
      Function<Map<String, String>, Map<String, RequestStreamHandler>> functions) {
    try {
      var stack = new LocalStack(options);
      var started = false;
      try {
        stack.start(functions);
        started = true;
        return stack;
      } finally {
        if (!started) {
          stack.close();
        }
      }
    } catch (TemplateProblem | PostgresProblem | IllegalArgumentException e) {
      throw new StartFailure(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new StartFailure("cannot start the local stack: " + e, e);
    }
  }

  public Addresses addresses() {
    if (addresses == null) {
      throw new IllegalStateException("the local stack is not started");
    }
    return addresses;
  }

  /// Whether the database server was still running from a stack that was killed.
  public boolean isDatabaseAttached() {
    return attached;
  }

  private void start(Function<Map<String, String>, Map<String, RequestStreamHandler>> functions)
      throws IOException {
    var state = keep(StateDirectory.take(options.state));
    if (options.fresh) {
      state.clear();
    }
    // The first to open and the last to close: what the database's end interrupts has much to say.
    var log = keep(FunctionLog.in(state.file("functions.log")));
    if (options.capturesStandardOutput) {
      capture(log);
    }
    var front = keep(bind(options.port));
    var queuePort = freePort(options.queuePort);
    var databaseUrl = database();
    var queues = keep(LocalQueues.start(queuePort, template.queues()));
    var found =
        new Addresses(front.address(), queues.address(), queues.url(mainQueue()), databaseUrl);
    var local =
        new LocalFunctions(
            functions.apply(environment(found)), template.functions(), log, options.retryDelays);
    var bus =
        new EventBus(template.rules(), state.file("rules.json"), options.clock, local::invokeLater);
    front
        .route("POST", InvokeApi.PREFIX, new InvokeApi(local))
        .route("POST", "/", new EventsApi(bus, options.clock))
        .route("GET", "/health", _ -> Reply.text(200, "text/plain", "ok\n"))
        .route("GET", HomePage.SCRIPT, _ -> HomePage.script())
        .route("GET", "/", new HomePage(found, local, bus))
        .start();
    // While these wait for what still runs, functions may still send messages and events.
    parts.push(() -> drain(local));
    var scheduler = keep(new RuleScheduler(bus, options.clock));
    for (var source : template.queueSources()) {
      if (local.names().contains(source.functionName())) {
        keep(new QueuePoller(source, queues, local)).start();
      }
    }
    scheduler.start();
    state.describe(found);
    addresses = found;
    this.functions = local;
    template.sweepRule().ifPresent(rule -> keep(sweeps(bus, rule)));
  }

  /// What an earlier stack left unfinished goes on now, not at the sweep's next minute. Where
  /// somebody's call has been faster, the queue is not empty and the sweep does not know that the
  /// other messages are lost: the second one comes when they ought to have arrived.
  private static AutoCloseable sweeps(EventBus bus, RuleDefinition rule) {
    bus.fire(rule);
    var second =
        Thread.ofVirtual()
            .name("second-sweep")
            .start(
                () -> {
                  try {
                    Thread.sleep(SECOND_SWEEP);
                    bus.fire(rule);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    return second::interrupt;
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  private String database() {
    var url = options.databaseUrl;
    if (url == null) {
      var place = new PostgresServer.Place(options.state, options.binaries, options.postgresPort);
      var server = keep(PostgresServer.start(place, options.fresh));
      attached = server.isAttached();
      welcomeUrl = server.welcomeUrl();
      return server.url();
    }
    if (!url.matches("(jdbc:sqlite:|jdbc:postgresql:|postgres(ql)?:)//?.*|jdbc:sqlite:.+")) {
      throw new StartFailure(
          "--database-url wants postgresql://…, jdbc:postgresql://… or jdbc:sqlite:…");
    }
    return url;
  }

  /// The queue whose messages the executor gets.
  private String mainQueue() {
    return template.queueSources().stream()
        .filter(source -> source.functionName().equals(EXECUTOR))
        .map(QueueSource::queueName)
        .findFirst()
        .orElseThrow(() -> new StartFailure("the template gives no queue to " + EXECUTOR));
  }

  private Map<String, String> environment(Addresses found) {
    var environment = new HashMap<String, String>();
    environment.put("ALLOW_SCHEDULED_MIGRATIONS", String.valueOf(options.allowScheduledMigrations));
    environment.put("AWS_ENDPOINT_URL_EVENTBRIDGE", found.endpoint().toString());
    environment.put("AWS_ENDPOINT_URL_SQS", found.queueEndpoint().toString());
    environment.put("AWS_REGION", LocalNames.REGION);
    if (welcomeUrl == null) {
      environment.put("DATABASE_URL", found.databaseUrl());
    } else {
      environment.put("DATABASE_TARGETS", targets(found.databaseUrl(), welcomeUrl));
    }
    environment.put("CONTROL_FUNCTION_ARN", LocalNames.functionArn("ControlFunction"));
    environment.put("TRIGGER_FUNCTION_ARN", LocalNames.functionArn("TriggerFunction"));
    environment.put("EVENT_BUS_NAME", "default");
    environment.put("QUEUE_URL", found.queueUrl());
    template.sweepRule().ifPresent(rule -> environment.put("SWEEP_RULE_NAME", rule.name()));
    template.functions().stream()
        .flatMap(function -> Optional.ofNullable(function.environment().get(DETACH_AFTER)).stream())
        .forEach(seconds -> environment.put(DETACH_AFTER, seconds));
    health().ifPresent(health -> environment.put(HEALTH, health));
    return Map.copyOf(environment);
  }

  /// Of the stack's own server it is known how many processors it has.
  private Optional<String> health() {
    return template.functions().stream()
        .flatMap(function -> Optional.ofNullable(function.environment().get(HEALTH)).stream())
        .findFirst()
        .or(
            () ->
                welcomeUrl == null
                    ? Optional.empty()
                    : Optional.of(
                        "{\"vcpus\": %d}".formatted(Runtime.getRuntime().availableProcessors())));
  }

  private static String targets(String main, String welcome) {
    var targets = JsonNodeFactory.instance.objectNode();
    targets.putObject("main").put("url", main);
    targets.putObject(Welcome.TARGET).put("url", welcome);
    return targets.toString();
  }

  /// The first job of a stack with a database of its own; empty for another database.
  Optional<Welcome> welcome(PrintWriter out, int rows) {
    return welcomeUrl == null || functions == null
        ? Optional.empty()
        : Optional.of(new Welcome(functions, out, rows));
  }

  private void capture(FunctionLog log) {
    var before = System.out;
    System.setOut(log.stream());
    parts.push(
        () -> {
          if (functions == null || functions.awaitEnd(AFTER_THE_DATABASE)) {
            System.setOut(before);
          }
        });
  }

  private void drain(LocalFunctions functions) {
    functions.refuseMore();
    if (!functions.awaitEnd(options.patience)) {
      LOG.warning("functions still run; the next start takes up what they leave");
    }
  }

  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.log(Level.WARNING, "a part of the local stack did not stop", e);
      }
    }
  }

  private static HttpFront bind(int port) throws IOException {
    try {
      return HttpFront.bind(port);
    } catch (BindException e) {
      throw new StartFailure("port %d is in use: choose another with --port".formatted(port), e);
    }
  }

  /// ElasticMQ says only in its log why it cannot listen, so this finds out first.
  private static int freePort(int port) throws IOException {
    try (var socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    } catch (BindException e) {
      throw new StartFailure(
          "port %d is in use: choose another with --sqs-port".formatted(port), e);
    }
  }

  private static Path templateFile(@Nullable Path given) {
    if (given != null) {
      return given;
    }
    for (var directory = Path.of("").toAbsolutePath();
        directory != null;
        directory = directory.getParent()) {
      var file = directory.resolve("template.yaml");
      if (Files.exists(file)) {
        return file;
      }
    }
    // The launcher's own, wherever it is called from.
    var root = System.getProperty("longhaul.root");
    if (root != null) {
      return Path.of(root).resolve("template.yaml");
    }
    throw new StartFailure("there is no template.yaml here or above: give --template");
  }
}
