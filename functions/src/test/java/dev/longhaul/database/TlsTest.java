package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsTest {
  private static Properties properties(String... pairs) {
    Properties properties = new Properties();
    for (int i = 0; i < pairs.length; i += 2) {
      properties.setProperty(pairs[i], pairs[i + 1]);
    }
    Tls.addTo(properties);
    return properties;
  }

  /// Only hosts whose roots are in the bundle: it has none for China, GovCloud and the like.
  @ParameterizedTest
  @CsvSource({
    "db.abc123.us-east-1.rds.amazonaws.com,               true",
    "DB.abc123.EU-Central-1.RDS.AmazonAWS.com,            true",
    "app.cluster-abc123.ap-southeast-7.rds.amazonaws.com, true",
    "app.cluster-ro-abc123.mx-central-1.rds.amazonaws.com,true",
    "db.abc123.us-gov-west-1.rds.amazonaws.com,           false",
    "db.abc123.us-gov-east-1.rds.amazonaws.com,           false",
    "db.abc123.rds.cn-north-1.amazonaws.com.cn,           false",
    "db.abc123.cn-north-1.rds.amazonaws.com.cn,           false",
    "rds.amazonaws.com.example.com,                       false",
    "db.us-east-1.xrds.amazonaws.com,                     false",
    "db.example.com,                                      false",
    "127.0.0.1,                                           false"
  })
  void knowsTheHostsThatItsBundleIsFor(String host, boolean known) {
    assertThat(Tls.isAws(host)).isEqualTo(known);
    assertThat(properties("PGHOST", host).getProperty("sslmode"))
        .isEqualTo(known ? "verify-full" : null);
  }

  @Test
  void verifiesHostsOfAwsAgainstAmazonsRoots() {
    Properties properties = properties("PGHOST", "db.abc123.us-east-1.rds.amazonaws.com");

    assertThat(properties).containsEntry("sslmode", "verify-full");
    assertThat(Path.of(properties.getProperty("sslrootcert")))
        .content()
        .contains("-----BEGIN CERTIFICATE-----");
  }

  @Test
  void leavesWhatTheConfigurationSays() {
    String host = "db.abc123.us-east-1.rds.amazonaws.com";

    assertThat(properties("PGHOST", host, "sslmode", "require"))
        .containsEntry("sslmode", "require")
        .doesNotContainKey("sslrootcert");
    assertThat(properties("PGHOST", host, "sslrootcert", "/own.pem"))
        .containsEntry("sslmode", "verify-full")
        .containsEntry("sslrootcert", "/own.pem");
    assertThat(properties("PGHOST", host, "sslmode", "verify-ca")).containsKey("sslrootcert");
  }
}
