package dev.longhaul.scenario;

import dev.longhaul.testing.TcpProxy;
import java.time.Duration;

/// The ways in which a service is not there.
enum Outage {
  REFUSES {
    @Override
    void breakWay(TcpProxy way) {
      way.refuse();
    }
  },
  SWALLOWS {
    @Override
    void breakWay(TcpProxy way) {
      way.swallow();
    }
  },
  FAILS {
    @Override
    void breakWay(TcpProxy way) {
      way.answer(503, "{\"__type\": \"ServiceUnavailable\", \"message\": \"try later\"}");
    }
  },
  THROTTLES {
    @Override
    void breakWay(TcpProxy way) {
      way.answer(400, "{\"__type\": \"ThrottlingException\", \"message\": \"Rate exceeded\"}");
    }
  };

  abstract void breakWay(TcpProxy way);

  /// What a function may need to get over it: well below the shortest timeout in template.yaml, 60
  /// s.
  static final Duration IN_TIME = Duration.ofSeconds(30);
}
