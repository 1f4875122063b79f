package dev.longhaul.database;

import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;

/// IAM database authentication: the password is a request to `rds-db:connect`, signed here and sent
/// nowhere, valid for 15 minutes
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html>). This is
/// what `RdsUtilities.generateAuthenticationToken` of the SDK's `rds` module does, without that
/// module's seven megabytes; a test compares the two.
record IamToken(
    String host,
    int port,
    String user,
    String region,
    IdentityProvider<? extends AwsCredentialsIdentity> identities,
    Clock clock)
    implements Credentials {

  @Override
  public void addTo(Properties properties) {
    properties.setProperty("user", user);
    properties.setProperty("password", token());
  }

  /// A new token is signed for every connection, so a refused one has no better successor.
  @Override
  public boolean renew() {
    return false;
  }

  String token() {
    SdkHttpRequest request =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.GET)
            .protocol("https")
            .host(host)
            .port(port)
            .encodedPath("/")
            .putRawQueryParameter("DBUser", user)
            .putRawQueryParameter("Action", "connect")
            .build();
    AwsCredentialsIdentity identity = identities.resolveIdentity().join();
    SignedRequest signed =
        AwsV4HttpSigner.create()
            .sign(
                sign ->
                    sign.identity(identity)
                        .request(request)
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "rds-db")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                        .putProperty(AwsV4HttpSigner.AUTH_LOCATION, AuthLocation.QUERY_STRING)
                        .putProperty(AwsV4HttpSigner.EXPIRATION_DURATION, Duration.ofMinutes(15))
                        .putProperty(HttpSigner.SIGNING_CLOCK, clock));
    return signed.request().getUri().toString().substring("https://".length());
  }

  /// Without the key that the identities hold.
  @Override
  public String toString() {
    return "IamToken[" + user + "@" + host + ":" + port + "]";
  }
}
