package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressTest {
  @TempDir Path directory;

  @Test
  void prefixesFunctionNamesWithTheStack() {
    Address address = resolve("orders", null, Map.of());

    assertThat(address.functionName(Functions.TRIGGER)).isEqualTo("orders-TriggerFunction:live");
    assertThat(address.endpoint()).isNull();
    assertThat(address.isLoopback()).isFalse();
  }

  @Test
  void takesTheStackFromTheEnvironment() {
    Address address = resolve(null, null, Map.of("LONGHAUL_STACK", "orders"));

    assertThat(address.stack()).isEqualTo("orders");
    assertThat(resolve("billing", null, Map.of("LONGHAUL_STACK", "orders")).stack())
        .isEqualTo("billing");
  }

  @Test
  void takesTheEndpointFromTheEnvironmentAsTheSdkDoes() {
    Map<String, String> both =
        Map.of("AWS_ENDPOINT_URL", "http://all:1", "AWS_ENDPOINT_URL_LAMBDA", "http://lambda:2");

    assertThat(resolve(null, null, both).endpoint()).isEqualTo(URI.create("http://lambda:2"));
    assertThat(resolve(null, "http://given:3", both).endpoint())
        .isEqualTo(URI.create("http://given:3"));
    assertThat(resolve(null, null, Map.of("AWS_ENDPOINT_URL", "http://all:1")).endpoint())
        .isEqualTo(URI.create("http://all:1"));
  }

  @Test
  void findsTheLocalStackOfTheDirectory() throws Exception {
    Files.createDirectory(directory.resolve(".longhaul"));
    Files.writeString(
        directory.resolve(".longhaul/stack.json"), "{\"endpoint_url\":\"http://127.0.0.1:9101\"}");

    Address address = resolve(null, null, Map.of("AWS_ACCESS_KEY_ID", "x"));

    assertThat(address).isEqualTo(Address.of(URI.create("http://127.0.0.1:9101")));
    assertThat(address.functionName(Functions.CONTROL)).isEqualTo("ControlFunction");
    assertThat(address.isLoopback()).isTrue();
  }

  @Test
  void assumesTheUsualPortWhereTheLocalStackSaysNone() throws Exception {
    Files.createDirectory(directory.resolve(".longhaul"));
    Files.writeString(directory.resolve(".longhaul/stack.json"), "{\"endpo");

    assertThat(resolve(null, null, Map.of()).endpoint())
        .isEqualTo(URI.create("http://127.0.0.1:9001"));
  }

  @Test
  void prefersANamedStackToTheLocalOne() throws Exception {
    Files.createDirectory(directory.resolve(".longhaul"));
    Files.writeString(directory.resolve(".longhaul/stack.json"), "{}");

    assertThat(resolve(null, null, Map.of("LONGHAUL_STACK", "orders")).endpoint()).isNull();
  }

  @Test
  void saysWhatToGiveWhereNothingSaysWhichFunctions() {
    assertThatThrownBy(() -> resolve(null, null, Map.of("LONGHAUL_STACK", " ")))
        .isInstanceOf(Failure.class)
        .hasMessageContainingAll("--stack", "--endpoint-url", "./longhaul local")
        .extracting("exitCode")
        .isEqualTo(Failure.USAGE);
  }

  @Test
  void refusesAnEndpointThatIsNoAddress() {
    for (String endpoint : new String[] {"127.0.0.1:9001", "localhost", "ftp://x", "http://"}) {
      assertThatThrownBy(() -> resolve(null, endpoint, Map.of()))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("'" + endpoint + "'");
    }
  }

  private Address resolve(
      @Nullable String stack, @Nullable String endpoint, Map<String, String> environment) {
    return Address.resolve(stack, endpoint, null, environment, directory);
  }
}
