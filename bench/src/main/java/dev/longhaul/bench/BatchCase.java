package dev.longhaul.bench;

/// Circumstances under which the column is filled. The table fits into memory, unless it is said.
enum BatchCase {
  ALONE("alone"),
  TRAFFIC("beside traffic"),
  INDEXED("the column is indexed"),
  SNAPSHOT("a snapshot is open"),
  DISTANT("1 ms away"),
  LARGE("larger than shared_buffers"),
  TINY("1,000 rows");

  private static final int FEW = 1000;
  private static final int MANY = 1_000_000;

  final String label;

  BatchCase(String label) {
    this.label = label;
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
