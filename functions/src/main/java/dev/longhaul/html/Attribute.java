package dev.longhaul.html;

/// The attributes that pages use. None holds a script, a style or an address, so an escaped value
/// is a harmless one.
public enum Attribute {
  ACTION("action"),
  ARIA_HIDDEN("aria-hidden"),
  ARIA_LABEL("aria-label"),
  ARIA_VALUE_MAX("aria-valuemax"),
  ARIA_VALUE_MIN("aria-valuemin"),
  ARIA_VALUE_NOW("aria-valuenow"),
  CLASS("class"),
  CONFIRMATION("confirmation"),
  D("d"),
  DATETIME("datetime"),
  DIR("dir"),
  DISPLAY("display"),
  ENDPOINT("endpoint"),
  EVENT("event"),
  HEIGHT("height"),
  LANG("lang"),
  NAME("name"),
  OPEN("open"),
  PLACEHOLDER("placeholder"),
  PRESERVE_ASPECT_RATIO("preserveAspectRatio"),
  ROLE("role"),
  RX("rx"),
  SCOPE("scope"),
  SELECTED("selected"),
  TABINDEX("tabindex"),
  TITLE("title"),
  TYPE("type"),
  VALUE("value"),
  VIEW_BOX("viewBox"),
  WIDTH("width"),
  X("x"),
  X1("x1"),
  X2("x2"),
  Y("y"),
  Y1("y1"),
  Y2("y2");

  private final String spelling;

  Attribute(String spelling) {
    this.spelling = spelling;
  }

  String spelling() {
    return spelling;
  }
}
