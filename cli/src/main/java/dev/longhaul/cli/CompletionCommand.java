package dev.longhaul.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Print a script by which a shell completes commands and options.",
      "",
      "It is the same for both shells."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(longhaul completion bash)     in ~/.bashrc",
      "  source <(longhaul completion zsh)      in ~/.zshrc"
    })
final class CompletionCommand implements Callable<Integer> {
  private enum Shell {
    bash,
    zsh
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "bash|zsh", description = "The shell.")
  @SuppressWarnings("unused") // The script tells the shells apart by itself.
  private Shell shell;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  @SuppressWarnings("NullAway.Init") // picocli sets the annotated fields.
  CompletionCommand() {}

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(AutoComplete.bash("longhaul", spec.root().commandLine()));
    spec.commandLine().getOut().flush();
    return FunctionCommand.DONE;
  }
}
