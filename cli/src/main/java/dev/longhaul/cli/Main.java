package dev.longhaul.cli;

import dev.longhaul.cli.demo.DemoCommand;
import dev.longhaul.local.LocalCommand;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The program `longhaul`: what all its commands have in common.
@Command(
    name = "longhaul",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Runs heavy PostgreSQL migrations in the background on AWS Lambda.",
    subcommands = {
      RegisterCommand.class,
      RunCommand.class,
      WaitCommand.class,
      WatchCommand.class,
      StatusCommand.class,
      ListCommand.class,
      HistoryCommand.class,
      ActionCommand.Retry.class,
      ActionCommand.Resolve.class,
      ActionCommand.Rollback.class,
      ActionCommand.Pause.class,
      ActionCommand.Resume.class,
      ActionCommand.Cancel.class,
      SetCommand.class,
      DoctorCommand.class,
      SchemaCommand.class,
      CompletionCommand.class,
      LocalCommand.class,
      DemoCommand.class
    },
    footerHeading = "%nFrom a file to a finished migration:%n",
    footer = {
      "  longhaul register migrations/",
      "  longhaul run --all",
      "  longhaul wait --all --timeout 30m",
      "",
      "'longhaul COMMAND --help' says more about a command."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed, refused, or (wait, watch) ended otherwise than FINISHED",
      "2:wrong usage, or (wait) timed out"
    })
public final class Main implements Runnable {
  /// How `wait` passes the time between two looks.
  interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  final Clock clock;
  final Pause pause;

  /// Of the terminal, in characters; `Integer.MAX_VALUE` where output goes elsewhere.
  final int width;

  /// Whether lines may be redrawn.
  final boolean isTerminal;

  final boolean isColoured;

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of what went wrong.")
  private boolean verbose;

  @SuppressWarnings("NullAway.Init") // picocli sets the annotated fields.
  Main(Clock clock, Pause pause, int width, boolean isTerminal, boolean isColoured) {
    this.clock = clock;
    this.pause = pause;
    this.width = width;
    this.isTerminal = isTerminal;
    this.isColoured = isTerminal && isColoured;
  }

  /// JDK 25 has its old console again, which is null where there is no terminal.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    @Nullable Console console = System.console();
    return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
  }

  /// <https://no-color.org>
  private static boolean isColoured() {
    return System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
  }

  public static void main(String[] arguments) {
    Main main =
        new Main(
            Clock.system(ZoneId.systemDefault()),
            Thread::sleep,
            Table.terminalWidth(System.getenv("COLUMNS")),
            isTerminal(),
            isColoured());
    System.exit(commandLine(main).execute(arguments));
  }

  static CommandLine commandLine(Main main) {
    CommandLine program = new CommandLine(main);
    program
        .getSubcommands()
        .values()
        .forEach(
            command ->
                command
                    .getCommandSpec()
                    .usageMessage()
                    .parameterListHeading("%n")
                    .optionListHeading("%n"));
    return program
        .setExecutionExceptionHandler(main::failed)
        .setParameterExceptionHandler(Main::misused)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpLongOptionsMaxWidth(28);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do, such as 'longhaul list'");
  }

  private int failed(Exception exception, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    int exitCode = Failure.FAILED;
    switch (exception) {
      case Refusal refusal ->
          err.println("longhaul: " + refusal.errorType() + ": " + refusal.getMessage());
      case Failure failure -> {
        failure.getMessage().lines().forEach(line -> err.println("longhaul: " + line));
        exitCode = failure.exitCode();
      }
      default ->
          err.println(
              "longhaul: failed unexpectedly: "
                  + exception
                  + (verbose ? "" : " (--verbose shows where)"));
    }
    if (verbose) {
      exception.printStackTrace(err);
    }
    err.flush();
    return exitCode;
  }

  private static int misused(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    err.printf(
        "longhaul: %s; see '%s --help'%n",
        String.valueOf(exception.getMessage()).replace('\n', ' '),
        command.getCommandSpec().qualifiedName());
    err.flush();
    return Failure.USAGE;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Properties properties = new Properties();
      try (InputStream in = Main.class.getResourceAsStream("version.properties")) {
        if (in != null) {
          properties.load(in);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new String[] {
        "longhaul " + properties.getProperty("version", "of an unknown version"),
        "Java " + Runtime.version()
      };
    }
  }
}
