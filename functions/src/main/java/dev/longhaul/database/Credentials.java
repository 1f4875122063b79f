package dev.longhaul.database;

import java.util.Properties;

/// How to log in to a target.
interface Credentials {
  /// Adds what the driver needs (`user`, `password`) to `properties`.
  void addTo(Properties properties);

  /// Called once after the server refused the password. Answers whether there is a newer one.
  boolean renew();

  /// A password that stands in the configuration.
  record Fixed() implements Credentials {
    @Override
    public void addTo(Properties properties) {}

    @Override
    public boolean renew() {
      return false;
    }
  }
}
