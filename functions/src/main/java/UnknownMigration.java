/// No migration of that name is registered. See `dev.longhaul.migration.Refusal` for why this class
/// has no package.
@SuppressWarnings("DefaultPackage")
public final class UnknownMigration extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownMigration(String message) {
    super(message, null, false, false);
  }
}
