package dev.longhaul.bench;

/// What the runs of one peer in one case have given.
final class BatchFigures {
  /// The traffic alone.
  static final String NOBODY = "nobody";

  final BatchSetting setting;
  final String peer;

  final Samples seconds = new Samples();

  /// Of WAL, in MB.
  final Samples wal = new Samples();

  /// Of the size before, in percent.
  final Samples heap = new Samples();

  final Samples indexes = new Samples();

  /// MB.
  final Samples memory = new Samples();

  /// The 99th percentile of the traffic's transactions, in milliseconds.
  final Samples latency = new Samples();

  BatchFigures(BatchSetting setting, String peer) {
    this.setting = setting;
    this.peer = peer;
  }

  boolean is(BatchSetting otherSetting, String otherPeer) {
    return setting.equals(otherSetting) && peer.equals(otherPeer);
  }

  /// Rows a second, of each run.
  Samples speed() {
    var speed = new Samples();
    seconds.values().forEach(s -> speed.add(setting.rows() / s));
    return speed;
  }
}
