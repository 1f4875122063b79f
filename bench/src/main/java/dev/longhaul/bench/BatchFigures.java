package dev.longhaul.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What the runs of one peer in one case have given.
final class BatchFigures {
  /// Of the most traffic that there can be.
  static final List<Double> SHARES = List.of(0.3, 0.6);

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

  private final Map<Double, Samples> latency = new LinkedHashMap<>();

  BatchFigures(String version, BatchCase circumstances, String peer) {
    this.version = version;
    this.circumstances = circumstances;
    this.peer = peer;
    SHARES.forEach(share -> latency.put(share, new Samples()));
  }

  /// The 99th percentile of the traffic's transactions in milliseconds.
  Samples latency(double share) {
    return Objects.requireNonNull(latency.get(share));
  }

  boolean is(String otherVersion, BatchCase otherCase, String otherPeer) {
    return version.equals(otherVersion) && circumstances == otherCase && peer.equals(otherPeer);
  }
}
