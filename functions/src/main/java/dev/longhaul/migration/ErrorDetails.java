package dev.longhaul.migration;

import org.jspecify.annotations.Nullable;

/// Why an attempt failed, in PostgreSQL's own fields, as `meta.error` shows it.
///
/// @param sqlState five characters,
///   <https://www.postgresql.org/docs/current/errcodes-appendix.html>
/// @param position of the error in the statement, in characters from 1
/// @param statementNumber from 1
public record ErrorDetails(
    String sqlState,
    String message,
    @Nullable String detail,
    @Nullable String hint,
    @Nullable Integer position,
    @Nullable Integer statementNumber,
    @Nullable String statement,
    @Nullable String next) {}
