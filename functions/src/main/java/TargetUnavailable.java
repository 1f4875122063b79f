/// The target database does not answer, or not as a writer; the same call may succeed later. See
/// `dev.longhaul.migration.Refusal` for why this class has no package.
@SuppressWarnings("DefaultPackage")
public final class TargetUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TargetUnavailable(String message) {
    super(message, null, false, false);
  }
}
