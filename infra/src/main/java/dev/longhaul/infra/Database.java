package dev.longhaul.infra;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.ec2.IConnectable;
import software.amazon.awscdk.services.rds.IDatabaseCluster;
import software.amazon.awscdk.services.rds.IDatabaseInstance;
import software.amazon.awscdk.services.secretsmanager.ISecret;

/// How the functions get into one PostgreSQL: with a secret, or as a user with IAM authentication.
/// They connect to the writer itself; behind RDS Proxy or PgBouncer a session is not one.
///
/// ```java
/// Database.withSecret(cluster.getSecret())
/// Database.withUser("longhaul").at(cluster).named("app")
/// ```
public final class Database {
  /// The target's name where there is only one.
  static final String MAIN = "main";

  /// @param resourceId `cluster-…` or `db-…`, which is not the name; only IAM needs it
  /// @param firewall null where the host's security group is not known
  private record Place(
      String host, Number port, @Nullable String resourceId, @Nullable IConnectable firewall) {}

  private final @Nullable ISecret secret;
  private final @Nullable String user;
  private final @Nullable Place place;
  private final @Nullable String name;

  /// How those log in that run no SQL; the place is the same.
  private final @Nullable Database registrar;

  /// How the dashboard logs in, which only reads.
  private final @Nullable Database viewer;

  private Database(
      @Nullable ISecret secret,
      @Nullable String user,
      @Nullable Place place,
      @Nullable String name,
      @Nullable Database registrar,
      @Nullable Database viewer) {
    this.secret = secret;
    this.user = user;
    this.place = place;
    this.name = name;
    this.registrar = registrar;
    this.viewer = viewer;
  }

  /// With a secret as RDS makes it. What it lacks, like the host of a rotated user's, is added by
  /// [#at] and [#named].
  public static Database withSecret(ISecret secret) {
    return new Database(secret, null, null, null, null, null);
  }

  /// With IAM authentication, as a database user that has been granted the role `rds_iam`. Also
  /// needs [#at] and [#named].
  public static Database withUser(String user) {
    return new Database(null, user, null, null, null, null);
  }

  /// The writer of an Aurora cluster.
  public Database at(IDatabaseCluster cluster) {
    return at(
        new Place(
            cluster.getClusterEndpoint().getHostname(),
            cluster.getClusterEndpoint().getPort(),
            user == null ? null : cluster.getClusterResourceIdentifier(),
            cluster));
  }

  public Database at(IDatabaseInstance instance) {
    return at(
        new Place(
            instance.getDbInstanceEndpointAddress(),
            instance.getInstanceEndpoint().getPort(),
            user == null ? null : instance.getInstanceResourceId(),
            instance));
  }

  /// Any other host, with a secret.
  public Database at(String host, int port) {
    return at(new Place(host, port, null, null));
  }

  /// A cluster or instance that is no construct.
  ///
  /// @param resourceId `cluster-…` or `db-…`, as the console shows it under Configuration
  public Database at(String host, int port, String resourceId) {
    return at(new Place(host, port, resourceId, null));
  }

  private Database at(Place other) {
    return new Database(secret, user, other, name, registrar, viewer);
  }

  /// The database in the server.
  public Database named(String other) {
    return new Database(secret, user, place, other, registrar, viewer);
  }

  /// Another secret, for the functions that only write the journal and run no SQL; see
  /// docs/security.md for the rights of such a user.
  public Database registeringWith(ISecret other) {
    return new Database(secret, user, place, name, withSecret(other), viewer);
  }

  /// Another user, likewise.
  public Database registeringAs(String other) {
    return new Database(secret, user, place, name, withUser(other), viewer);
  }

  /// Another secret, for the dashboard, which only reads the journal.
  public Database viewingWith(ISecret other) {
    return new Database(secret, user, place, name, registrar, withSecret(other));
  }

  /// Another user, likewise.
  public Database viewingAs(String other) {
    return new Database(secret, user, place, name, registrar, withUser(other));
  }

  /// How the functions log in that run no SQL; null if they do as the executor does.
  @Nullable Database registrar() {
    return here(registrar);
  }

  /// How the dashboard logs in; null if it does as the other functions that run no SQL.
  @Nullable Database viewer() {
    return here(viewer);
  }

  private @Nullable Database here(@Nullable Database login) {
    return login == null ? null : new Database(login.secret, login.user, place, name, null, null);
  }

  /// @throws IllegalArgumentException if the functions could not connect with this
  void requireComplete() {
    if (registrar != null && (registrar.user == null) != (user == null)) {
      throw new IllegalArgumentException(
          "Database: the registrar logs in like the runner, with a secret or as a user");
    }
    if (viewer != null && (viewer.user == null) != (user == null)) {
      throw new IllegalArgumentException(
          "Database: the viewer logs in like the runner, with a secret or as a user");
    }
    if (user != null && (place == null || place.resourceId() == null || name == null)) {
      throw new IllegalArgumentException(
          "Database.withUser(\"%s\"): IAM authentication needs .at(...) with a resource id and .named(...)"
              .formatted(user));
    }
  }

  @Nullable ISecret secret() {
    return secret;
  }

  @Nullable String user() {
    return user;
  }

  @Nullable String name() {
    return name;
  }

  @Nullable String host() {
    return place == null ? null : place.host();
  }

  @Nullable Number port() {
    return place == null ? null : place.port();
  }

  String resourceId() {
    return Objects.requireNonNull(Objects.requireNonNull(place).resourceId());
  }

  /// @param securityGroup what has to let the functions in
  record Door(Number port, String securityGroup) {}

  /// None where the host is no construct.
  List<Door> doors() {
    if (place == null || place.firewall() == null) {
      return List.of();
    }
    return place.firewall().getConnections().getSecurityGroups().stream()
        .map(group -> new Door(place.port(), group.getSecurityGroupId()))
        .toList();
  }
}
