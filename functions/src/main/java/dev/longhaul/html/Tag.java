package dev.longhaul.html;

/// The elements that pages are made of. Those whose content HTML does not unescape (`script`,
/// `style`) and those that CloudWatch strips are none of them.
public enum Tag {
  BDI("bdi"),
  BUTTON("button"),
  CAPTION("caption"),
  /// CloudWatch's own: what a click on the element before it does.
  CWDB_ACTION("cwdb-action"),
  CODE("code"),
  DD("dd"),
  DETAILS("details"),
  DIV("div"),
  DL("dl"),
  DT("dt"),
  FORM("form"),
  H2("h2"),
  H3("h3"),
  INPUT("input"),
  LABEL("label"),
  LI("li"),
  OPTION("option"),
  P("p"),
  PRE("pre"),
  SECTION("section"),
  SELECT("select"),
  SPAN("span"),
  STRONG("strong"),
  SUMMARY("summary"),
  TABLE("table"),
  TBODY("tbody"),
  TD("td"),
  TH("th"),
  THEAD("thead"),
  TIME("time"),
  TR("tr"),
  UL("ul"),
  SVG("svg"),
  SVG_LINE("line"),
  SVG_PATH("path"),
  SVG_RECT("rect"),
  SVG_TEXT("text"),
  SVG_TITLE("title");

  private final String element;

  Tag(String element) {
    this.element = element;
  }

  String element() {
    return element;
  }

  boolean isVoid() {
    return this == INPUT;
  }
}
