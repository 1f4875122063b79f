package dev.longhaul.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;

/// A call of one of the functions: what [dev.longhaul.cli.Functions#invoke] does.
@FunctionalInterface
interface Invocation {
  JsonNode invoke(String function, JsonNode payload);
}
