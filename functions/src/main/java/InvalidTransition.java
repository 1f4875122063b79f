/// The migration's status does not allow what was asked. See `dev.longhaul.migration.Refusal` for
/// why this class has no package.
@SuppressWarnings("DefaultPackage")
public final class InvalidTransition extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidTransition(String message) {
    super(message, null, false, false);
  }
}
