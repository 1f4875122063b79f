/// What was sent cannot be a migration, or a request. See `dev.longhaul.migration.Refusal` for why
/// this class has no package.
@SuppressWarnings("DefaultPackage")
public final class InvalidMigration extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidMigration(String message) {
    super(message, null, false, false);
  }
}
