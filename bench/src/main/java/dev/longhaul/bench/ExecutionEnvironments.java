package dev.longhaul.bench;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collection;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;

/// Handlers that each serve one invocation at a time and keep their own connections, as Lambda's
/// execution environments do. The one that was used last is used next.
final class ExecutionEnvironments implements RequestStreamHandler {
  private final BlockingDeque<RequestStreamHandler> idle;

  ExecutionEnvironments(Collection<? extends RequestStreamHandler> handlers) {
    this.idle = new LinkedBlockingDeque<>(handlers);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    RequestStreamHandler handler;
    try {
      handler = idle.takeFirst();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted before a handler was free", e);
    }
    try {
      handler.handleRequest(input, output, context);
    } finally {
      idle.addFirst(handler);
    }
  }
}
