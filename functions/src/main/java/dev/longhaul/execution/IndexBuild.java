package dev.longhaul.execution;

import dev.longhaul.execution.Catalog.Index;
import dev.longhaul.execution.Verification.Verdict;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// `create index concurrently`: done when an index of that name and definition is valid. An error
/// in the second half of a build leaves it behind, invalid, and `if not exists` is content with
/// that
/// (<https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY>).
record IndexBuild(Catalog catalog, CreateIndexConcurrently create) implements VerifiedStep {

  @Override
  public Optional<Long> table() throws SQLException {
    return catalog.oid("to_regclass(?)", create.table());
  }

  @Override
  public Optional<String> obstacle() throws SQLException {
    Optional<Index> existing = existing();
    if (existing.isEmpty()) {
      return Optional.empty();
    }
    Index index = existing.get();
    if (!isAsAskedFor(index)) {
      return Optional.of(
          "index %s exists with another definition. There is: %s. Asked for is: %s"
              .formatted(index.qualifiedName(), index.definition(), askedFor()));
    }
    if (index.isValid()) {
      // Of the plain form, the server says that the name is taken (42P07).
      return Optional.empty();
    }
    return Optional.of(
        index.isBeingBuilt()
            ? "index %s exists and is invalid: another session builds it at this moment"
                .formatted(index.qualifiedName())
            : "index %s exists and is invalid, left by a build or a drop that failed outside of this script"
                .formatted(index.qualifiedName()));
  }

  @Override
  public boolean isMadeAlready() throws SQLException {
    return isDone();
  }

  @Override
  public Verdict afterInterruption() throws SQLException {
    return isDone() ? Verdict.DONE : Verdict.NOT_DONE;
  }

  @Override
  public Optional<String> contradiction() throws SQLException {
    return isDone()
        ? Optional.empty()
        : Optional.of("there is no valid index of this name and definition in the catalog");
  }

  @Override
  public List<String> repairs() throws SQLException {
    return leftOver().map(Catalog::drop).stream().toList();
  }

  @Override
  public Optional<String> duplicateKey(Duration atMost) throws SQLException {
    Optional<Index> leftOver = leftOver().filter(Index::isUnique);
    return leftOver.isEmpty()
        ? Optional.empty()
        : new DuplicateKey(catalog, leftOver.get()).find(atMost);
  }

  private boolean isDone() throws SQLException {
    Optional<Index> index = existing().filter(Index::isValid);
    return index.isPresent() && isAsAskedFor(index.get());
  }

  private Optional<Index> leftOver() throws SQLException {
    Optional<Index> index = existing().filter(found -> !found.isValid() && !found.isBeingBuilt());
    return index.isPresent() && isAsAskedFor(index.get()) ? index : Optional.empty();
  }

  /// The index of that name, of whatever table: an index lives in its table's schema. The cast cuts
  /// a long name as PostgreSQL does.
  private Optional<Index> existing() throws SQLException {
    return catalog
        .indexes(
            "c.relname = ?::text::name and c.relnamespace = (select relnamespace from pg_class"
                + " where oid = to_regclass(?))",
            Objects.requireNonNull(create.index(), "registration refuses unnamed indexes"),
            create.table())
        .stream()
        .findFirst();
  }

  private boolean isAsAskedFor(Index index) throws SQLException {
    if (table().filter(table -> table == index.table()).isEmpty()) {
      return false;
    }
    Optional<Index> wanted = new IndexShape(catalog, create).ofTable(index.table());
    return wanted.isEmpty()
        || index.shape() == null
        || (wanted.get().isUnique() == index.isUnique()
            && Objects.equals(wanted.get().shape(), index.shape()));
  }

  /// As the server would print it, where it can be asked.
  private String askedFor() throws SQLException {
    Optional<Long> table = table();
    Optional<String> shape =
        table.isEmpty()
            ? Optional.empty()
            : new IndexShape(catalog, create).ofTable(table.get()).map(Index::shape);
    return "CREATE %sINDEX %s ON %s %s"
        .formatted(
            create.isUnique() ? "UNIQUE " : "",
            create.index(),
            create.table(),
            shape.orElse(create.definition()));
  }
}
