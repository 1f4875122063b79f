package dev.longhaul.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.html.Attribute;
import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.migration.MigrationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the views are put together from.
///
/// @param self what the widget calls for another view: this function
/// @param control ControlFunction's ARN; empty for a page without its buttons
/// @param trigger TriggerFunction's ARN; likewise
record Parts(String self, String control, String trigger, Instant now) {
  private static final int LONGEST_NAME = 120;

  /// A name goes through HTML and back unchanged only as plain ASCII.
  private static final ObjectMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  static String ascii(ObjectNode json) {
    try {
      return ASCII.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON can be written", e);
    }
  }

  /// A button, and the call that CloudWatch makes when it is pressed.
  private static List<Html> call(Html button, String endpoint, ObjectNode payload) {
    return List.of(
        button,
        Html.of(Tag.CWDB_ACTION)
            .with(Attribute.ACTION, "call")
            .with(Attribute.DISPLAY, "widget")
            .with(Attribute.ENDPOINT, endpoint)
            .text(ascii(payload)));
  }

  static Html button(String cssClass) {
    return Html.of(Tag.BUTTON, cssClass).with(Attribute.TYPE, "button");
  }

  /// A button that shows another view in the widget's place.
  List<Html> open(String cssClass, String label, ObjectNode payload) {
    return open(button(cssClass).text(label), payload);
  }

  List<Html> open(Html button, ObjectNode payload) {
    return call(button, self, payload);
  }

  List<Html> openMigration(String target, String name) {
    return call(
        button("lh-name").add(Html.isolated(Words.start(name, LONGEST_NAME))),
        self,
        WidgetRequest.detail(target, name));
  }

  /// The buttons that change a migration. What they say stands in a popup; the widget itself is
  /// refreshed behind it.
  Html actions(Button.Situation situation, String target, String name) {
    Html row = Html.of(Tag.SPAN, "lh-actions");
    for (Button offered : Button.offered(situation)) {
      String endpoint = offered.isTrigger() ? trigger : control;
      if (!endpoint.isEmpty()) {
        String label = offered.label(situation);
        row.add(
                button(offered.isDangerous() ? "lh-button lh-danger" : "lh-button")
                    .with(Attribute.ARIA_LABEL, label + " " + Words.start(name, LONGEST_NAME))
                    .text(label))
            .add(
                Html.of(Tag.CWDB_ACTION)
                    .with(Attribute.ACTION, "call")
                    .with(Attribute.DISPLAY, "popup")
                    .with(Attribute.ENDPOINT, endpoint)
                    .with(Attribute.CONFIRMATION, offered.confirmation(situation, name))
                    .text(ascii(offered.payload(target, name))));
      }
    }
    return row;
  }

  /// The status as a word, and as a colour.
  static Html status(MigrationStatus status) {
    return Html.of(Tag.SPAN, "lh-status lh-" + cssName(status), status.label());
  }

  static String cssName(MigrationStatus status) {
    return status.label().toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  /// How far it is, with the time that it has been at it, which stands first where there is nothing
  /// to count.
  Html progress(ProgressView progress, @Nullable Instant began) {
    Html line = progress.line(now);
    return began == null
        ? line
        : line.add(Html.of(Tag.SPAN, "lh-fact").text("began ").add(ago(began)));
  }

  Html ago(Instant then) {
    return time(then).text(Words.ago(then, now));
  }

  Html in(Instant then) {
    return time(then).text(Words.in(then, now));
  }

  private static Html time(Instant then) {
    return Html.of(Tag.TIME, "lh-time")
        .with(Attribute.DATETIME, then.toString())
        .with(Attribute.TITLE, Words.at(then));
  }

  static Html table(List<String> heads) {
    Html row = Html.of(Tag.TR);
    heads.forEach(head -> row.add(Html.of(Tag.TH).with(Attribute.SCOPE, "col").text(head)));
    return Html.of(Tag.THEAD).add(row);
  }

  /// A section with its heading, or nothing if there is nothing in it.
  static List<Html> section(String heading, String note, List<Html> content) {
    if (content.isEmpty()) {
      return List.of();
    }
    Html head = Html.of(Tag.DIV, "lh-head").add(Html.of(Tag.H2).text(heading));
    if (!note.isEmpty()) {
      head.add(Html.of(Tag.SPAN, "lh-note", note));
    }
    List<Html> section = new ArrayList<>();
    section.add(Html.of(Tag.SECTION, "lh-section").add(head).addAll(content));
    return section;
  }
}
