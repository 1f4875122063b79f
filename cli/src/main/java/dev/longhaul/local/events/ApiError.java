package dev.longhaul.local.events;

/// An error that EventBridge itself would answer.
final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final String type;

  ApiError(String type, String message) {
    super(message, null, false, false);
    this.type = type;
  }

  static ApiError validation(String message) {
    return new ApiError("ValidationException", message);
  }
}
