package dev.longhaul.event;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.journal.HistoryEntry;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.journal.Outbox;
import dev.longhaul.logging.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;

/// Publishes `Migration Status Changed` for the transitions in the journal's outbox, in order, at
/// least once. What could not be published stays there for the sweep.
public final class EventPublisher {
  static final String SOURCE = "longhaul";
  static final String DETAIL_TYPE = "Migration Status Changed";

  /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
  private static final int BATCH = 10;

  /// Of a reason, in characters. An error may be of any length, and a request that is too large is
  /// refused as a whole, again and again: ten events have to fit into one, each character of which
  /// may take six bytes.
  private static final int LONGEST_REASON = 1000;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final @Nullable EventBridgeClient events;
  private final String bus;

  /// @param events null where no events are wanted
  public EventPublisher(@Nullable EventBridgeClient events, String bus) {
    this.events = events;
    this.bus = bus;
  }

  public boolean isEnabled() {
    return events != null;
  }

  /// Its name; empty where no events are wanted.
  public String bus() {
    return bus;
  }

  /// Why EventBridge cannot be reached from here; empty if it answers, be it that this is not
  /// allowed, or if no events are wanted.
  public String unreachable() {
    if (events == null) {
      return "";
    }
    try {
      events.describeEventBus(request -> request.name(bus));
      return "";
    } catch (AwsServiceException answered) {
      return "";
    } catch (SdkException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// Publishes up to `limit` events. It never fails its caller, whose work is done: what is left is
  /// the sweep's.
  public void publish(Journal journal, int limit) {
    if (events == null) {
      return;
    }
    EventBridgeClient client = events;
    try (Log.Scope _ = Log.scope(Map.of("target", journal.target()))) {
      publishAll(client, journal, limit);
    } catch (JournalFailure e) {
      Log.warn(
          "events were not published; the sweep will publish them",
          Map.of("reason", String.valueOf(e.getMessage())));
    }
  }

  private void publishAll(EventBridgeClient client, Journal journal, int limit) {
    Outbox outbox = new Outbox(journal);
    int left = limit;
    boolean more = true;
    while (more && left > 0) {
      int size = Math.min(left, BATCH);
      // Who finds another one publishing leaves its events to it; so that one looks once more.
      more =
          outbox.alone(() -> publishBatch(client, outbox, journal.target(), size))
              && outbox.holdsSomething();
      left -= size;
    }
  }

  /// Marks what EventBridge has taken, up to the first that it has not: a later transition never
  /// overtakes an earlier one.
  ///
  /// @return whether it has taken all of them
  private boolean publishBatch(EventBridgeClient client, Outbox outbox, String target, int size) {
    List<HistoryEntry> batch = outbox.unpublished(size);
    if (batch.isEmpty()) {
      return true;
    }
    List<Long> taken = new ArrayList<>();
    try {
      PutEventsResponse response =
          client.putEvents(
              request ->
                  request.entries(batch.stream().map(entry -> event(entry, target)).toList()));
      for (int i = 0; i < batch.size() && response.entries().get(i).errorCode() == null; i++) {
        taken.add(batch.get(i).id());
      }
      if (taken.size() < batch.size()) {
        Log.warn(
            "events were not published; the sweep will publish them",
            Map.of("reason", String.valueOf(response.entries().get(taken.size()).errorCode())));
      }
    } catch (SdkException e) {
      Log.warn(
          "events were not published; the sweep will publish them",
          Map.of("reason", String.valueOf(e.getMessage())));
    }
    outbox.markPublished(taken);
    return taken.size() == batch.size();
  }

  private static @Nullable String shortened(@Nullable String reason) {
    if (reason == null || reason.length() <= LONGEST_REASON) {
      return reason;
    }
    int end = LONGEST_REASON - 1;
    return reason.substring(0, Character.isHighSurrogate(reason.charAt(end - 1)) ? end - 1 : end)
        + "…";
  }

  private PutEventsRequestEntry event(HistoryEntry entry, String target) {
    ObjectNode detail =
        JSON.createObjectNode()
            .put("id", entry.id())
            .put("migration_name", entry.migrationName())
            .put("target", target)
            .put("from", entry.from() == null ? null : entry.from().label())
            .put("to", entry.to().label())
            .put("direction", entry.direction().name().toLowerCase(Locale.ROOT))
            .put("attempt", entry.attempt())
            .put("reason", shortened(entry.reason()))
            .put("requested_by", entry.requestedBy())
            .put("at", entry.at().toString());
    return PutEventsRequestEntry.builder()
        .source(SOURCE)
        .detailType(DETAIL_TYPE)
        .eventBusName(bus)
        .time(entry.at())
        .detail(detail.toString())
        .build();
  }
}
