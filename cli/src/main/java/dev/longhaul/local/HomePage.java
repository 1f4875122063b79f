package dev.longhaul.local;

import dev.longhaul.local.events.EventBus;
import dev.longhaul.local.functions.LocalFunctions;
import dev.longhaul.local.http.Reply;
import dev.longhaul.local.http.Request;
import dev.longhaul.local.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a browser sees: the dashboard, then what runs here and how to call it. The dashboard is
/// DashboardFunction's page, which [#SCRIPT] puts in place as a CloudWatch custom widget would.
record HomePage(Addresses addresses, LocalFunctions functions, EventBus bus) implements Route {
  static final String SCRIPT = "/dashboard.js";
  private static final String DASHBOARD = "DashboardFunction";

  /// The function's page may bring a style sheet, and nothing else that is active.
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self';"
          + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  static Reply script() {
    try (@Nullable InputStream script = HomePage.class.getResourceAsStream("dashboard.js")) {
      return new Reply(
          200,
          Map.of("Content-Type", "text/javascript; charset=utf-8", "Cache-Control", "no-cache"),
          Objects.requireNonNull(script).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

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
            <meta name="viewport" content="width=device-width">
            <link rel="icon" href="data:,">
            <title>Longhaul, local stack</title>
            <style>
              :root { --fg: #1b2430; --mute: #55606e; --line: #e2e6eb; --bg: #fff; --accent: #0b5cad; --on-accent: #fff; --red: #b3261e; color-scheme: light }
              :root[data-theme=dark] { --fg: #dfe4ea; --mute: #a3aebb; --line: #323d4a; --bg: #161d26; --accent: #6cb0f5; --on-accent: #0d1620; --red: #ff9a8f; color-scheme: dark }
              body { font: 14px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 1rem auto; padding: 0 1rem; color: var(--fg); background: var(--bg) }
              header { display: flex; align-items: center; justify-content: space-between; padding: 0 14px }
              h1 { font-size: 18px; margin: 0 } h2 { font-size: 15px }
              header button, dialog button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; padding: 3px 12px; cursor: pointer }
              button:hover { border-color: var(--mute) }
              pre, code { font: 13px/1.5 ui-monospace, monospace }
              footer pre { padding: 1rem; overflow-x: auto; background: #8882; border-radius: 4px }
              td, th { text-align: left; padding: .2rem 1.5rem .2rem 0; vertical-align: top; font-weight: 400 }
              footer { margin: 2rem 14px; color: var(--mute); border-top: 1px solid var(--line); padding-top: 1rem }
              summary { cursor: pointer }
              cwdb-action { display: none }
              #problem { color: var(--red); padding: 0 14px }
              dialog { max-width: 34rem; color: var(--fg); background: var(--bg); border: 1px solid var(--line); border-radius: 8px; padding: 18px 20px; overflow-wrap: anywhere }
              dialog::backdrop { background: #0006 } dialog p { margin: 0 }
              dialog button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
              dialog button.danger { background: var(--red); border-color: var(--red); color: var(--on-accent) }
              dialog form { display: flex; gap: 8px; justify-content: flex-end; margin-top: 16px }
            </style>
            <header><h1>Longhaul, local stack</h1>%s</header>
            %s
            <footer>
            <details%s>
            <summary>What runs here, and how to call it</summary>
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
            <pre tabindex="0">
            export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1

            # AWS CLI 2; version 1 does not know --cli-binary-format and does not need it.
            aws lambda invoke --endpoint-url %s --function-name ControlFunction \\
              --payload '{"action":"list"}' --cli-binary-format raw-in-base64-out /dev/stdout

            aws events put-events --endpoint-url %s --entries \\
              '[{"Source":"me","DetailType":"Run Migrations","Detail":"{\\"all\\":true}"}]'
            </pre>
            </details>
            </footer>
            </html>
            """
                .formatted(
                    hasDashboard() ? "<button id=\"theme\" type=\"button\"></button>" : "",
                    hasDashboard() ? dashboard() : "",
                    hasDashboard() ? "" : " open",
                    escape(endpoint),
                    escape(addresses.queueUrl()),
                    // A page may be shown around; the password is in stack.json.
                    escape(Addresses.withoutPassword(addresses.databaseUrl())),
                    functions.names().stream()
                        .map(name -> "  <li><code>" + escape(name) + "</code></li>")
                        .collect(Collectors.joining("\n")),
                    bus.rules().stream().map(HomePage::row).collect(Collectors.joining("\n")),
                    escape(endpoint),
                    escape(endpoint)))
        .with("Content-Security-Policy", POLICY)
        .with("X-Content-Type-Options", "nosniff");
  }

  private boolean hasDashboard() {
    return functions.names().contains(DASHBOARD);
  }

  private static String dashboard() {
    return """
    <p id="problem" role="alert"></p>
    <main id="widget"></main>
    <dialog id="dialog"></dialog>
    <script src="%s" defer></script>
    """
        .formatted(SCRIPT);
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
