package dev.longhaul.html;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.longhaul.migration.Refusal;
import java.util.function.Function;

/// A call by a button of a CloudWatch custom widget. It shows what comes back to a person: so that
/// is a sentence, of a refusal as well, which would else be shown as a broken function.
public final class WidgetCall {
  /// What CloudWatch adds to every call.
  private static final String CONTEXT = "widgetContext";

  private WidgetCall() {}

  public static boolean isOne(ObjectNode payload) {
    return payload.path(CONTEXT).isObject();
  }

  /// @param call takes the payload that the button has
  /// @param sentence what its answer means
  public static JsonNode answer(
      ObjectNode payload,
      Function<ObjectNode, ? extends JsonNode> call,
      Function<JsonNode, String> sentence) {
    ObjectNode own = payload.deepCopy();
    own.remove(CONTEXT);
    try {
      return page("lh-answer", sentence.apply(call.apply(own)));
    } catch (Refusal refusal) {
      return page("lh-answer lh-refusal", "Not done. " + refusal.getMessage());
    }
  }

  private static JsonNode page(String cssClass, String sentence) {
    return TextNode.valueOf(Html.of(Tag.P, cssClass).add(Html.isolated(sentence)).markup());
  }
}
