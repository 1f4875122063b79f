package dev.longhaul.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a widget asks for. A click sends its own payload, and with it the fields of the page's
/// form; a refresh sends only these, so a hidden one of them holds what is being shown. The
/// parameters of the widget itself come first of all, and say what to begin with.
///
/// @param target null for all
/// @param status null for all
/// @param nameContains empty for all
/// @param before the list's page begins behind this name; null for the first page
/// @param width of the widget, in pixels
record WidgetRequest(
    View view,
    @Nullable String target,
    @Nullable MigrationStatus status,
    String nameContains,
    @Nullable String before,
    String migration,
    boolean dark,
    int width) {

  /// The hidden field of the form.
  static final String STATE = "longhaul_state";

  static final String FORM_STATUS = "longhaul_status";
  static final String FORM_NAME = "longhaul_name";
  static final String FORM_TARGET = "longhaul_target";

  /// Says that the form's visible fields count, since a person has pressed their button.
  static final String FILTER = "filter";

  private static final int USUAL_WIDTH = 1200;
  private static final int LONGEST_NAME = 255;

  enum View {
    OVERVIEW,
    LIST,
    DETAIL
  }

  static WidgetRequest of(ObjectNode payload) {
    JsonNode context = payload.path("widgetContext");
    JsonNode form = context.at("/forms/all");
    boolean isClick = payload.hasNonNull("view");
    JsonNode said = isClick ? payload : state(form).orElse(payload);
    boolean isFilter = said.path("view").asText().equals(FILTER);
    JsonNode status = isFilter ? form.path(FORM_STATUS) : said.path("status");
    JsonNode name = isFilter ? form.path(FORM_NAME) : said.path("name");
    JsonNode target =
        isFilter && form.has(FORM_TARGET) ? form.path(FORM_TARGET) : said.path("target");
    String nameContains = text(name);
    Optional<MigrationStatus> chosen = MigrationStatus.ofLabel(text(status));
    String migration = text(said.path("migration_name"));
    View view = View.OVERVIEW;
    if (!migration.isEmpty()) {
      view = View.DETAIL;
    } else if (said.path("view").asText().equals("list")
        || chosen.isPresent()
        || !nameContains.isEmpty()) {
      view = View.LIST;
    }
    return new WidgetRequest(
        view,
        blankToNull(text(target)),
        chosen.orElse(null),
        nameContains,
        blankToNull(text(said.path("before"))),
        migration,
        context.path("theme").asText().equals("dark"),
        Math.clamp(context.path("width").asInt(USUAL_WIDTH), 200, 4000));
  }

  /// What the page showed that is to be refreshed.
  private static Optional<JsonNode> state(JsonNode form) {
    try {
      JsonNode state = JsonFunction.JSON.readTree(form.path(STATE).asText("{}"));
      return Optional.ofNullable(state).filter(JsonNode::isObject).filter(s -> !s.isEmpty());
    } catch (JsonProcessingException e) {
      // Not what our page holds; then it is as good as none.
      return Optional.empty();
    }
  }

  private static String text(JsonNode node) {
    String text = node.asText("").replace("\0", "").strip();
    return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME);
  }

  private static @Nullable String blankToNull(String text) {
    return text.isEmpty() ? null : text;
  }

  Set<MigrationStatus> statuses() {
    return status == null ? EnumSet.allOf(MigrationStatus.class) : EnumSet.of(status);
  }

  /// Those of all targets that are asked for.
  List<String> among(Set<String> all) {
    return target == null ? List.copyOf(all) : List.of(target);
  }

  /// The payload that shows the same again.
  ObjectNode payload() {
    return payload(view, target, status, nameContains, before, migration);
  }

  static ObjectNode detail(String target, String migration) {
    return payload(View.DETAIL, target, null, "", null, migration);
  }

  ObjectNode overview() {
    return payload(View.OVERVIEW, target, null, "", null, "");
  }

  ObjectNode listOf(@Nullable MigrationStatus ofStatus) {
    return payload(View.LIST, target, ofStatus, "", null, "");
  }

  ObjectNode page(@Nullable String behind) {
    return payload(View.LIST, target, status, nameContains, behind, "");
  }

  private static ObjectNode payload(
      View view,
      @Nullable String target,
      @Nullable MigrationStatus status,
      String nameContains,
      @Nullable String before,
      String migration) {
    ObjectNode payload =
        JsonFunction.JSON
            .createObjectNode()
            .put("view", view.name().toLowerCase(java.util.Locale.ROOT));
    if (target != null) {
      payload.put("target", target);
    }
    if (status != null) {
      payload.put("status", status.label());
    }
    if (!nameContains.isEmpty()) {
      payload.put("name", nameContains);
    }
    if (before != null) {
      payload.put("before", before);
    }
    if (!migration.isEmpty()) {
      payload.put("migration_name", migration);
    }
    return payload;
  }
}
