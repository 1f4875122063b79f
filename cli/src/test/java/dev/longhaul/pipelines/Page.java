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

/// Pages of docs/: the code blocks of their sections.
final class Page {
  private static final Path DOCS = Path.of("..", "docs");
  private static final String PIPELINES = "pipelines.md";
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private Page() {}

  /// The blocks of a language below a heading, in their order.
  static List<String> blocks(String heading, String language) {
    return blocks(PIPELINES, heading, language);
  }

  static List<String> blocks(String file, String heading, String language) {
    String text = read(file);
    int start = text.indexOf("\n## " + heading + "\n");
    if (start < 0) {
      throw new AssertionError(file + " has no section " + heading);
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
    return YamlTree.read(new StringReader(text), PIPELINES);
  }

  private static String read(String file) {
    try {
      return Files.readString(DOCS.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
