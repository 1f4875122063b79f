package dev.longhaul.bench;

/// What is the same for all peers that are compared.
///
/// @param version of PostgreSQL, the major one
/// @param rows of the table
record BatchSetting(String version, BatchCase circumstances, int rows) {
  /// Of one that has as many rows as `wanted`, unless the case says how many.
  static BatchSetting of(String version, BatchCase circumstances, int wanted) {
    return new BatchSetting(version, circumstances, circumstances.rows(wanted));
  }
}
