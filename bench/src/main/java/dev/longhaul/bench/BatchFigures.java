package dev.longhaul.bench;

/// What the runs of one peer in one case have given.
final class BatchFigures {
  /// The traffic alone.
  static final String NOBODY = "nobody";

  final String version;
  final BatchCase circumstances;
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

  BatchFigures(String version, BatchCase circumstances, String peer) {
    this.version = version;
    this.circumstances = circumstances;
    this.peer = peer;
  }

  boolean is(String otherVersion, BatchCase otherCase, String otherPeer) {
    return version.equals(otherVersion) && circumstances == otherCase && peer.equals(otherPeer);
  }
}
