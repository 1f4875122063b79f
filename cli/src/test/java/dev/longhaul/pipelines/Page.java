package dev.longhaul.pipelines;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.local.template.YamlTree;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// docs/pipelines.md: the code blocks of its sections.
final class Page {
  private static final Path FILE = Path.of("..", "docs", "pipelines.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private Page() {}

  /// The blocks of a language below a heading, in their order.
  static List<String> blocks(String heading, String language) {
    String text = read();
    int start = text.indexOf("\n## " + heading + "\n");
    if (start < 0) {
      throw new AssertionError(FILE + " has no section " + heading);
    }
    int end = text.indexOf("\n## ", start + 1);
    return BLOCK
        .matcher(text.substring(start, end < 0 ? text.length() : end))
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  static ObjectNode yaml(String text) {
    return YamlTree.read(new StringReader(text), FILE.toString());
  }

  private static String read() {
    try {
      return Files.readString(FILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
