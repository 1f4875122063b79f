package dev.longhaul.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A migration to register.
record NewMigration(String name, String sqlForwards, String sqlBackwards) {
  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("migration_name", name)
        .put("sql_forwards", sqlForwards)
        .put("sql_backwards", sqlBackwards);
  }

  /// What RegistrationFunction takes for several at once.
  static byte[] payload(List<NewMigration> migrations) {
    var payload = JsonNodeFactory.instance.objectNode();
    var list = payload.putArray("migrations");
    migrations.forEach(migration -> list.add(migration.toJson()));
    return payload.toString().getBytes(StandardCharsets.UTF_8);
  }
}
