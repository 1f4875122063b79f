package dev.longhaul.cli;

import dev.longhaul.testing.PlantedCanary;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// The command line as a test runs it: in this JVM, at a time that only `wait` moves.
final class Program {
  record Ending(int exitCode, String out, String err) {}

  private static final int MAX_PAUSES = 100;

  private final URI endpoint;
  private boolean isTerminal;
  private boolean isColoured;
  private final List<Duration> pauses = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-23T04:00:00Z");

  Program(URI endpoint) {
    this.endpoint = endpoint;
  }

  /// From now on.
  Program onTerminal(boolean coloured) {
    isTerminal = true;
    isColoured = coloured;
    return this;
  }

  List<Duration> pauses() {
    return pauses;
  }

  /// Runs a command against the endpoint.
  Ending call(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(1, "--endpoint-url=" + endpoint);
    return run(all.toArray(String[]::new));
  }

  Ending run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Main main =
        new Main(
            new TestClock(),
            pause -> {
              if (pauses.size() == MAX_PAUSES) {
                throw new AssertionError("waits without an end");
              }
              pauses.add(pause);
              now = now.plus(pause);
            },
            isTerminal ? 80 : Integer.MAX_VALUE,
            isTerminal,
            isColoured);
    int exitCode =
        Main.commandLine(main)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    PlantedCanary.search(out.toString());
    PlantedCanary.search(err.toString());
    return new Ending(exitCode, out.toString(), err.toString());
  }

  private final class TestClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.ofHours(1);
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
