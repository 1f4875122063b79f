package dev.longhaul.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.longhaul.logging.Log;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;

/// `./longhaul local` in a JVM of its own, with functions that answer their environment, or with
/// the real ones.
final class TestCommand {
  private static final String REAL = "real.functions";

  private TestCommand() {}

  public static void main(String[] arguments) {
    var command =
        Boolean.getBoolean(REAL)
            ? new LocalCommand(LocalCommand::handlers, false)
            : new LocalCommand(TestCommand::functions, false);
    System.exit(new CommandLine(command).execute(arguments));
  }

  private static Map<String, RequestStreamHandler> functions(Map<String, String> environment) {
    var functions = new TreeMap<String, RequestStreamHandler>();
    for (var name : TestFunctions.NAMES) {
      functions.put(name, (in, out, _) -> answer(in, out, environment));
    }
    return functions;
  }

  private static void answer(InputStream in, OutputStream out, Map<String, String> environment)
      throws IOException {
    in.readAllBytes();
    Log.info("written by a function", Map.of());
    out.write(new TreeMap<>(environment).toString().getBytes(StandardCharsets.UTF_8));
  }

  /// Starts it; its output and its errors are one stream.
  static Process start(Path state, List<String> arguments) throws IOException {
    return start(state, arguments, Map.of());
  }

  /// As from a shell that has these variables.
  static Process start(Path state, List<String> arguments, Map<String, String> environment)
      throws IOException {
    return start(state, arguments, "-D" + REAL + "=false", environment);
  }

  static Process startReal(Path state, List<String> arguments) throws IOException {
    return start(state, arguments, "-D" + REAL + "=true", Map.of());
  }

  private static Process start(
      Path state, List<String> arguments, String functions, Map<String, String> environment)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            functions,
            "-cp",
            System.getProperty("java.class.path"),
            TestCommand.class.getName(),
            "--state",
            state.toString(),
            "--template",
            TestStack.template().toString()));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }
}
