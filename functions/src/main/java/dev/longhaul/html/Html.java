package dev.longhaul.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An element with its content. Texts get in by [#text] and [#with] only, and both escape; what is
/// added as HTML is another [Html], which was made likewise.
public final class Html {
  private final Tag tag;
  private final StringBuilder attributes = new StringBuilder();
  private final StringBuilder content = new StringBuilder();

  private Html(Tag tag) {
    this.tag = tag;
  }

  public static Html of(Tag tag) {
    return new Html(tag);
  }

  public static Html of(Tag tag, String cssClass) {
    return new Html(tag).with(Attribute.CLASS, cssClass);
  }

  /// An element that holds a text and nothing else.
  public static Html of(Tag tag, String cssClass, String text) {
    return of(tag, cssClass).text(text);
  }

  /// A text of unknown direction, which `bdi` keeps from reordering what stands beside it.
  public static Html isolated(String text) {
    return of(Tag.BDI).text(text);
  }

  public Html with(Attribute attribute, String value) {
    attributes.append(' ').append(attribute.spelling()).append("=\"");
    escape(value, attributes);
    attributes.append('"');
    return this;
  }

  public Html with(Attribute attribute, double value) {
    String text = String.format(java.util.Locale.ROOT, "%.1f", value);
    return with(attribute, text.endsWith(".0") ? text.substring(0, text.length() - 2) : text);
  }

  public Html text(String text) {
    escape(text, content);
    return this;
  }

  /// Adds `child` as it is now.
  public Html add(Html child) {
    child.writeTo(content);
    return this;
  }

  public Html addAll(Collection<Html> children) {
    children.forEach(this::add);
    return this;
  }

  /// Adds a style sheet that lies beside `owner` in the archive, as it is.
  public Html addStyleSheet(Class<?> owner, String resource) {
    try (@Nullable InputStream sheet = owner.getResourceAsStream(resource)) {
      String css =
          new String(Objects.requireNonNull(sheet, resource).readAllBytes(), StandardCharsets.UTF_8)
              .replaceAll("(?s)/\\*.*?\\*/", "")
              .replaceAll("\\s+", " ");
      if (css.contains("<")) {
        throw new IllegalStateException("a style sheet that could end its element: " + resource);
      }
      content.append("<style>").append(css.strip()).append("</style>");
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String markup() {
    StringBuilder markup = new StringBuilder();
    writeTo(markup);
    return markup.toString();
  }

  private void writeTo(StringBuilder out) {
    out.append('<').append(tag.element()).append(attributes).append('>');
    if (!tag.isVoid()) {
      out.append(content).append("</").append(tag.element()).append('>');
    }
  }

  private static void escape(String text, StringBuilder out) {
    text.codePoints().forEach(c -> escape(c, out));
  }

  private static void escape(int c, StringBuilder out) {
    switch (c) {
      case '&' -> out.append("&amp;");
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      case '\n', '\t', '\r' -> out.append((char) c);
      default -> {
        if (isInvisible(c)) {
          out.append(String.format(java.util.Locale.ROOT, "⟦U+%04X⟧", c));
        } else {
          out.appendCodePoint(c);
        }
      }
    }
  }

  /// What would make a text look like another one, bidi controls above all
  /// (<https://trojansource.codes>), and what HTML has no place for. The joiners of emoji and of
  /// Indic scripts are left.
  private static boolean isInvisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      case Character.FORMAT -> c != 0x200C && c != 0x200D;
      default -> false;
    };
  }
}
