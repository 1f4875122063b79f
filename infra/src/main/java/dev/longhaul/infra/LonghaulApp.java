package dev.longhaul.infra;

import software.amazon.awscdk.App;

/// Deploys Longhaul alone.
public final class LonghaulApp {
  private LonghaulApp() {}

  public static void main(String[] arguments) {
    App app = new App();
    app.synth();
  }
}
