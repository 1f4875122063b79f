package dev.longhaul.database;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.InputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RdsCertificatesTest {
  private static final Pattern NAME =
      Pattern.compile(
          "CN=Amazon RDS ([a-z]{2}-[a-z]+-[0-9]) Root CA (RSA2048|RSA4096|ECC384) G1(,|$)");

  private static final List<X509Certificate> certificates = new ArrayList<>();

  /// As the PostgreSQL driver reads the file.
  @BeforeAll
  static void read() throws IOException, CertificateException {
    try (InputStream file =
        RdsCertificatesTest.class.getResourceAsStream("rds-global-bundle.pem")) {
      assertThat(file).isNotNull();
      CertificateFactory.getInstance("X.509")
          .generateCertificates(file)
          .forEach(certificate -> certificates.add((X509Certificate) certificate));
    }
  }

  @Test
  void areRootCertificatesOfAmazonRds() {
    for (X509Certificate certificate : certificates) {
      String subject = certificate.getSubjectX500Principal().getName("RFC1779");

      assertThat(subject).containsPattern(NAME).contains("O=\"Amazon Web Services, Inc.\"");
      assertThat(certificate.getIssuerX500Principal())
          .as(subject)
          .isEqualTo(certificate.getSubjectX500Principal());
      assertThatCode(() -> certificate.verify(certificate.getPublicKey()))
          .as(subject)
          .doesNotThrowAnyException();
      assertThat(certificate.getBasicConstraints()).as(subject).isNotNegative();
    }
  }

  @Test
  void areValidForManyYears() {
    for (X509Certificate certificate : certificates) {
      assertThat(certificate.getNotAfter().toInstant())
          .isAfter(Instant.parse("2060-01-01T00:00:00Z"));
      assertThat(certificate.getNotBefore().toInstant())
          .isBefore(Instant.parse("2026-01-01T00:00:00Z"));
    }
  }

  @Test
  void coverEveryRegionWithEachKindOfKey() {
    Map<String, Set<String>> kinds =
        certificates.stream()
            .map(RdsCertificatesTest::name)
            .collect(
                groupingBy(
                    name -> name.group(1),
                    TreeMap::new,
                    mapping(name -> name.group(2), toCollection(TreeSet::new))));

    assertThat(kinds)
        .containsOnlyKeys(
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2");
    assertThat(kinds.values()).allMatch(Set.of("ECC384", "RSA2048", "RSA4096")::equals);
    assertThat(certificates).hasSize(3 * kinds.size());
  }

  @Test
  void areSortedByRegionAndKindOfKey() {
    assertThat(certificates)
        .extracting(certificate -> name(certificate).group(1) + " " + name(certificate).group(2))
        .isSorted();
  }

  private static Matcher name(X509Certificate certificate) {
    Matcher name = NAME.matcher(certificate.getSubjectX500Principal().getName("RFC1779"));
    assertThat(name.find()).isTrue();
    return name;
  }
}
