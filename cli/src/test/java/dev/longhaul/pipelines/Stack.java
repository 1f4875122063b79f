package dev.longhaul.pipelines;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.Address;
import dev.longhaul.cli.Functions;
import dev.longhaul.cli.demo.TestDatabase;
import dev.longhaul.local.LocalCommand;
import dev.longhaul.local.LocalStack;
import dev.longhaul.local.LocalStackOptions;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A local stack with the real functions on a database of its own. They answer to the names that
/// they have on AWS in a stack that is called `longhaul`, and to their plain ones.
public final class Stack implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 120;

  private final TestDatabase database;
  private final LocalStack stack;
  private final Functions functions;

  public Stack(Path state) throws SQLException {
    database = TestDatabase.create();
    stack =
        LocalStack.start(
            LocalStackOptions.ephemeral(state)
                .databaseUrl(database.address())
                .template(Path.of("..", "template.yaml")),
            Stack::handlers);
    functions = Functions.at(Address.of(endpoint()));
  }

  private static Map<String, RequestStreamHandler> handlers(Map<String, String> environment) {
    Map<String, RequestStreamHandler> handlers = new HashMap<>(LocalCommand.handlers(environment));
    Map.copyOf(handlers).forEach((name, handler) -> handlers.put("longhaul-" + name, handler));
    return handlers;
  }

  public URI endpoint() {
    return stack.addresses().endpoint();
  }

  public void execute(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  public Connection connect() throws SQLException {
    return database.connect();
  }

  public String value(String query) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://localhost:%d/%s".formatted(database.port(), database.name());
  }

  void register(ObjectNode migration) {
    functions.invoke(Functions.REGISTRATION, migration);
  }

  public String status(String name) {
    return control("status", name).path("status").asText();
  }

  JsonNode control(String action, String name) {
    return functions.invoke(
        Functions.CONTROL,
        JsonNodeFactory.instance.objectNode().put("action", action).put("migration_name", name));
  }

  public void await(String name, String status) throws InterruptedException {
    Instant deadline = Instant.now().plusSeconds(PATIENCE_SECONDS);
    while (!status(name).equals(status)) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError(name + " is " + status(name) + " and not " + status);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  @Override
  public void close() {
    functions.close();
    stack.close();
  }
}
