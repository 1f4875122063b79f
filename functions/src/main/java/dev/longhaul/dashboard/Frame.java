package dev.longhaul.dashboard;

import dev.longhaul.html.Attribute;
import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.migration.MigrationStatus;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is around every view: the style, the filter, and what was wrong with a target.
record Frame(Parts parts, WidgetRequest request, Set<String> targets) {
  private static final int NARROW = 700;

  /// A target that could not be read, and why.
  record Problem(String target, String reason) {}

  String page(Collection<Problem> problems, List<Html> content) {
    Html page =
        Html.of(
                Tag.DIV,
                "lh"
                    + (request.dark() ? " lh-dark" : "")
                    + (request.width() < NARROW ? " lh-narrow" : ""))
            .with(Attribute.LANG, "en")
            .add(Html.of(Tag.DIV, "cwdb-no-default-styles"))
            .addStyleSheet(Frame.class, "dashboard.css")
            .add(filter());
    for (Problem problem : problems) {
      page.add(
          Html.of(Tag.DIV, "lh-card lh-failed")
              .with(Attribute.ROLE, "status")
              .add(Html.of(Tag.STRONG).text("Target ").add(Html.isolated(problem.target())))
              .text(" cannot be read: ")
              .add(Html.isolated(Words.start(problem.reason(), 600))));
    }
    return page.addAll(content).markup();
  }

  private Html filter() {
    Html form = Html.of(Tag.FORM, "lh-filter");
    form.add(
        Html.of(Tag.INPUT)
            .with(Attribute.TYPE, "hidden")
            .with(Attribute.NAME, WidgetRequest.STATE)
            .with(Attribute.VALUE, Parts.ascii(request.payload())));
    if (request.view() != WidgetRequest.View.OVERVIEW) {
      form.addAll(parts.open("lh-button lh-back", "‹ Overview", request.overview()));
    }
    if (request.view() == WidgetRequest.View.DETAIL) {
      return form;
    }
    form.add(
        label(
            "Name",
            Html.of(Tag.INPUT)
                .with(Attribute.TYPE, "text")
                .with(Attribute.NAME, WidgetRequest.FORM_NAME)
                .with(Attribute.PLACEHOLDER, "any part of it")
                .with(Attribute.VALUE, request.nameContains())));
    Html statuses = Html.of(Tag.SELECT).with(Attribute.NAME, WidgetRequest.FORM_STATUS);
    statuses.add(option("", "all", request.status() == null));
    for (MigrationStatus status : MigrationStatus.values()) {
      statuses.add(option(status.label(), status.label(), status == request.status()));
    }
    form.add(label("Status", statuses));
    if (targets.size() > 1) {
      Html choice = Html.of(Tag.SELECT).with(Attribute.NAME, WidgetRequest.FORM_TARGET);
      choice.add(option("", "all", request.target() == null));
      targets.forEach(name -> choice.add(option(name, name, name.equals(request.target()))));
      form.add(label("Target", choice));
    }
    return form.addAll(
        parts.open(
            "lh-button lh-primary",
            "Show",
            dev.longhaul.payload.JsonFunction.JSON
                .createObjectNode()
                .put("view", WidgetRequest.FILTER)));
  }

  private static Html label(String text, Html field) {
    return Html.of(Tag.LABEL).add(Html.of(Tag.SPAN).text(text)).add(field);
  }

  private static Html option(String value, @Nullable String text, boolean selected) {
    Html option =
        Html.of(Tag.OPTION).with(Attribute.VALUE, value).text(text == null ? value : text);
    return selected ? option.with(Attribute.SELECTED, "selected") : option;
  }
}
