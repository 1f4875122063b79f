/// The name is taken by a migration with other SQL. See `dev.longhaul.migration.Refusal` for why
/// this class has no package.
@SuppressWarnings("DefaultPackage")
public final class MigrationConflict extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MigrationConflict(String message) {
    super(message, null, false, false);
  }
}
