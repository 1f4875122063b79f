package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rds.RdsUtilities;

class IamTokenTest {
  private static final AwsCredentials KEY =
      AwsBasicCredentials.create(
          "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  private static final AwsCredentials SESSION =
      AwsSessionCredentials.create("ASIAIOSFODNN7EXAMPLE", "wJalr/+=EXAMPLEKEY", "to/ke+n==");

  private static final Pattern DATE = Pattern.compile("X-Amz-Date=(\\d{8}T\\d{6}Z)");

  @ParameterizedTest
  @CsvSource({
    "db.abc.us-east-1.rds.amazonaws.com, 5432, app, us-east-1",
    "db.abc.eu-central-1.rds.amazonaws.com, 6543, app_user, eu-central-1",
    "db.abc.us-east-1.rds.amazonaws.com, 443, app, us-east-1",
    "db.abc.us-east-1.rds.amazonaws.com, 5432, ünï code+%&/=, us-east-1"
  })
  void signsAsTheSdkDoes(String host, int port, String user, String region) {
    for (AwsCredentials credentials : List.of(KEY, SESSION)) {
      StaticCredentialsProvider provider = StaticCredentialsProvider.create(credentials);
      String expected =
          RdsUtilities.builder()
              .region(Region.of(region))
              .credentialsProvider(provider)
              .build()
              .generateAuthenticationToken(
                  request -> request.hostname(host).port(port).username(user));
      IamToken token = new IamToken(host, port, user, region, provider, timeOf(expected));

      // In another order, in which the signature does not lie.
      assertThat(token.token().split("[?&]", -1))
          .containsExactlyInAnyOrder(expected.split("[?&]", -1))
          .startsWith(expected.substring(0, expected.indexOf('?')));
    }
  }

  /// The SDK reads the system's clock; we sign for the same second.
  private static Clock timeOf(String token) {
    Matcher date = DATE.matcher(token);
    assertThat(date.find()).isTrue();
    DateTimeFormatter format = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssX");
    return Clock.fixed(Instant.from(format.parse(date.group(1))), ZoneOffset.UTC);
  }

  @Test
  void isThePasswordOfItsUser() {
    Properties properties = new Properties();
    IamToken token =
        new IamToken(
            "db.example.com",
            5432,
            "app",
            "us-east-1",
            StaticCredentialsProvider.create(KEY),
            Clock.systemUTC());
    token.addTo(properties);

    assertThat(properties).containsEntry("user", "app");
    assertThat(properties.getProperty("password"))
        .startsWith("db.example.com:5432/?DBUser=app&Action=connect&")
        .contains("X-Amz-Expires=900");
    assertThat(token.renew()).isFalse();
    assertThat(token.toString()).doesNotContain("AKIA", "wJalr");
  }
}
