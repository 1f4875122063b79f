package dev.longhaul.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.Fields;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// From which values on each signal slows the work down or stops it. What is null has not been
/// said: [#merge] puts what was said last over [#DEFAULT].
///
/// @param replicaLagSeconds of the slowest replica
/// @param blockedSessions sessions of others that wait for our locks
/// @param activeSessionsPerVcpu of others; needs `vcpus`
/// @param vcpus how many CPUs the server has
/// @param archiveQueueSegments complete segments of WAL that are not archived
/// @param requestedCheckpoints in five minutes; ten are what `checkpoint_warning` reports by
///   default, one in 30 s
/// @param wraparoundVacuum [#WRAPAROUND] or off
public record HealthLimits(
    @Nullable Limit replicaLagSeconds,
    @Nullable Limit blockedSessions,
    @Nullable Limit activeSessionsPerVcpu,
    @Nullable Integer vcpus,
    @Nullable Limit archiveQueueSegments,
    @Nullable Limit requestedCheckpoints,
    @Nullable Limit wraparoundVacuum) {

  /// Bad, not critical: such a vacuum may take days.
  static final Limit WRAPAROUND = new Limit(1, 1, Double.POSITIVE_INFINITY);

  public static final HealthLimits DEFAULT =
      new HealthLimits(
          new Limit(5, 15, 60),
          new Limit(1, 5, 20),
          new Limit(1, 2, 4),
          null,
          new Limit(42, 84, 168),
          new Limit(10, 20, Double.POSITIVE_INFINITY),
          WRAPAROUND);

  /// Nothing said.
  public static final HealthLimits NONE =
      new HealthLimits(null, null, null, null, null, null, null);

  private static final int MOST_VCPUS = 1024;

  /// Whether a busy database would slow the work down, but nobody has said how many processors it
  /// has.
  public boolean lacksVcpus() {
    return vcpus == null && (activeSessionsPerVcpu == null || !activeSessionsPerVcpu.isOff());
  }

  /// Reads an object such as `{"replica_lag_seconds": [5, 15, 60], "archive_queue_segments": 0,
  /// "vcpus": 4, "wraparound_vacuum": false}`: each limit is a list of the values from which on the
  /// database is degraded, bad and critical, or 0 to switch the signal off. A null in the list
  /// leaves that level out. Problems, unknown fields among them, are collected in `fields`.
  public static HealthLimits read(Fields fields) {
    HealthLimits limits =
        new HealthLimits(
            limit(fields, "replica_lag_seconds"),
            limit(fields, "blocked_sessions"),
            limit(fields, "active_sessions_per_vcpu"),
            fields.has("vcpus") ? fields.integer("vcpus", 1, 1, MOST_VCPUS) : null,
            limit(fields, "archive_queue_segments"),
            limit(fields, "requested_checkpoints"),
            wraparound(fields));
    fields.refuseUnknown();
    return limits;
  }

  /// Reads a field that may hold such an object; nothing said without it.
  public static HealthLimits readField(Fields fields, String field) {
    JsonNode value = fields.value(field);
    if (value instanceof ObjectNode object) {
      return read(fields.inside(field, object));
    }
    if (!value.isNull()) {
      fields.problem(
          field,
          "must be an object like {\"blocked_sessions\": [1, 5, 20]}, not "
              + Fields.describe(value));
    }
    return NONE;
  }

  /// What has been said, as [#read] reads it.
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    write(json, "replica_lag_seconds", replicaLagSeconds);
    write(json, "blocked_sessions", blockedSessions);
    write(json, "active_sessions_per_vcpu", activeSessionsPerVcpu);
    if (vcpus != null) {
      json.put("vcpus", vcpus);
    }
    write(json, "archive_queue_segments", archiveQueueSegments);
    write(json, "requested_checkpoints", requestedCheckpoints);
    if (wraparoundVacuum != null) {
      json.put("wraparound_vacuum", !wraparoundVacuum.isOff());
    }
    return json;
  }

  private static void write(ObjectNode json, String field, @Nullable Limit limit) {
    if (limit == null) {
      return;
    }
    if (limit.isOff()) {
      json.put(field, 0);
      return;
    }
    ArrayNode levels = json.putArray(field);
    for (double level : new double[] {limit.degraded(), limit.bad(), limit.critical()}) {
      if (Double.isInfinite(level)) {
        levels.addNull();
      } else {
        levels.add(level);
      }
    }
  }

  private static @Nullable Limit wraparound(Fields fields) {
    return fields.has("wraparound_vacuum")
        ? fields.bool("wraparound_vacuum", true) ? WRAPAROUND : Limit.OFF
        : null;
  }

  private static @Nullable Limit limit(Fields fields, String field) {
    JsonNode value = fields.value(field);
    if (value.isNull()) {
      return null;
    }
    if (value.isNumber() && value.doubleValue() == 0) {
      return Limit.OFF;
    }
    if (value.isArray() && value.size() == 3) {
      double critical = number(value.get(2), Double.POSITIVE_INFINITY);
      double bad = number(value.get(1), critical);
      double degraded = number(value.get(0), bad);
      if (0 < degraded && degraded <= bad && bad <= critical) {
        return new Limit(degraded, bad, critical);
      }
    }
    fields.problem(
        field,
        "must be three numbers above 0 that do not fall, [degraded, bad, critical] with null for a"
            + " level that is not to be, or 0 to switch the signal off, not "
            + Fields.describe(value));
    return null;
  }

  /// @param otherwise what a null stands for: that level begins where the next does
  private static double number(JsonNode value, double otherwise) {
    if (value.isNull()) {
      return otherwise;
    }
    return value.isNumber() ? value.doubleValue() : Double.NaN;
  }

  /// These limits, and over them what `override` says.
  public HealthLimits merge(HealthLimits override) {
    return new HealthLimits(
        first(override.replicaLagSeconds, replicaLagSeconds),
        first(override.blockedSessions, blockedSessions),
        first(override.activeSessionsPerVcpu, activeSessionsPerVcpu),
        first(override.vcpus, vcpus),
        first(override.archiveQueueSegments, archiveQueueSegments),
        first(override.requestedCheckpoints, requestedCheckpoints),
        first(override.wraparoundVacuum, wraparoundVacuum));
  }

  private static <T> @Nullable T first(@Nullable T one, @Nullable T other) {
    return one == null ? other : one;
  }

  /// One of these limits, after a merge with all that is needed.
  Limit require(@Nullable Limit limit) {
    return Objects.requireNonNull(limit, "limits that were not merged into the defaults");
  }
}
