package dev.longhaul.local;

import dev.longhaul.local.events.EventBus;
import dev.longhaul.local.functions.LocalFunctions;
import dev.longhaul.local.http.Reply;
import dev.longhaul.local.http.Request;
import dev.longhaul.local.http.Route;
import java.util.Objects;
import java.util.stream.Collectors;

/// What a browser sees: what runs here, and how to call it.
record HomePage(Addresses addresses, LocalFunctions functions, EventBus bus) implements Route {

  @Override
  public Reply answer(Request request) {
    var endpoint = addresses.endpoint().toString();
    return Reply.text(
        200,
        "text/html",
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>Longhaul, local stack</title>
        <style>
          body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
          pre, code { font: 14px/1.5 ui-monospace, monospace; background: #8882; border-radius: 4px }
          pre { padding: 1rem; overflow-x: auto }
          td, th { text-align: left; padding: .2rem 1.5rem .2rem 0; vertical-align: top }
          :root { color-scheme: light dark }
        </style>
        <h1>Longhaul, local stack</h1>
        <table>
          <tr><th>Functions, events</th><td><code>%s</code></td></tr>
          <tr><th>Queue</th><td><code>%s</code></td></tr>
          <tr><th>Database</th><td><code>%s</code></td></tr>
        </table>
        <h2>Functions</h2>
        <ul>
        %s
        </ul>
        <h2>Rules</h2>
        <table>
          <tr><th>Name</th><th>State</th><th>When</th></tr>
        %s
        </table>
        <h2>Call it</h2>
        <pre>
        export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1

        # AWS CLI 2; version 1 does not know --cli-binary-format and does not need it.
        aws lambda invoke --endpoint-url %s --function-name ControlFunction \\
          --payload '{"action":"list"}' --cli-binary-format raw-in-base64-out /dev/stdout

        aws events put-events --endpoint-url %s --entries \\
          '[{"Source":"me","DetailType":"Run Migrations","Detail":"{\\"all\\":true}"}]'
        </pre>
        </html>
        """
            .formatted(
                escape(endpoint),
                escape(addresses.queueUrl()),
                // A page may be shown around; the password is in stack.json.
                escape(Addresses.withoutPassword(addresses.databaseUrl())),
                functions.names().stream()
                    .map(name -> "  <li><code>" + escape(name) + "</code></li>")
                    .collect(Collectors.joining("\n")),
                bus.rules().stream().map(HomePage::row).collect(Collectors.joining("\n")),
                escape(endpoint),
                escape(endpoint)));
  }

  private static String row(EventBus.RuleState state) {
    var rule = state.rule();
    var when = Objects.requireNonNullElse(rule.schedule(), String.valueOf(rule.eventPattern()));
    return "  <tr><td><code>%s</code></td><td>%s</td><td><code>%s</code></td></tr>"
        .formatted(escape(rule.name()), state.enabled() ? "enabled" : "disabled", escape(when));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
