package dev.longhaul.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option that says which database is meant; a picocli mixin.
final class Target {
  @Option(
      names = "--target",
      paramLabel = "NAME",
      description = "Target database, as the functions know it; by default main.")
  @Nullable String name;
}
