package dev.longhaul.bench;

/// Circumstances under which the column is filled. The table fits into memory, unless it is said.
enum BatchCase {
  ALONE("alone"),
  TRAFFIC_30("beside 30 % of the most traffic", 0.3),
  TRAFFIC_60("beside 60 % of the most traffic", 0.6),
  INDEXED("the column is indexed"),
  SNAPSHOT("a snapshot is open"),
  DISTANT("1 ms away"),
  LARGE("larger than shared_buffers"),
  TINY("1,000 rows");

  private static final int FEW = 1000;
  private static final int MANY = 1_000_000;

  final String label;

  /// Of the most traffic that there can be on the table; 0 for none.
  final double share;

  BatchCase(String label) {
    this(label, 0);
  }

  BatchCase(String label, double share) {
    this.label = label;
    this.share = share;
  }

  int rows(int wanted) {
    return this == TINY ? FEW : wanted;
  }

  String sharedBuffers(int rows) {
    if (this != LARGE) {
      return "2GB";
    }
    return rows < MANY ? "16MB" : "128MB";
  }
}
