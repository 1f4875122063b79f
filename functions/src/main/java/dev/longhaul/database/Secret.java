package dev.longhaul.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.migration.Refusal;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/// A secret of AWS Secrets Manager in the shape that RDS gives it: `username`, `password` and,
/// unless the target's configuration says them, `host`, `port`, `dbname`. Kept until the server
/// refuses the password: that is how a rotation shows.
final class Secret implements Credentials {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> DRIVER_NAMES =
      Map.of(
          "username",
          "user",
          "password",
          "password",
          "host",
          "PGHOST",
          "port",
          "PGPORT",
          "dbname",
          "PGDBNAME");

  private final String arn;
  private final UnaryOperator<String> secrets;
  private @Nullable JsonNode value;

  /// @param secrets the text of the secret with a given ARN
  Secret(String arn, UnaryOperator<String> secrets) {
    this.arn = arn;
    this.secrets = secrets;
  }

  @Override
  public synchronized void addTo(Properties properties) {
    JsonNode current = value;
    if (current == null) {
      current = fetch();
      value = current;
    }
    for (Map.Entry<String, String> name : DRIVER_NAMES.entrySet()) {
      JsonNode field = current.path(name.getKey());
      if (!field.isMissingNode() && !properties.containsKey(name.getValue())) {
        properties.setProperty(name.getValue(), field.asText());
      }
    }
  }

  @Override
  public synchronized boolean renew() {
    value = null;
    return true;
  }

  private JsonNode fetch() {
    try {
      JsonNode secret = JSON.readTree(secrets.apply(arn));
      if (!secret.path("username").isTextual() || !secret.path("password").isTextual()) {
        throw Refusal.unavailable(
            "secret %s has no \"username\" and \"password\": give the secret that RDS made for the database"
                .formatted(arn));
      }
      return secret;
    } catch (JsonProcessingException e) {
      // The cause would quote the secret.
      throw Refusal.unavailable(
          "secret %s is not JSON: give the secret that RDS made".formatted(arn));
    } catch (SdkException e) {
      throw Refusal.unavailable(
          "secret %s cannot be read (%s): check the function's role and its way to Secrets Manager"
              .formatted(arn, e.getClass().getSimpleName()));
    }
  }
}
