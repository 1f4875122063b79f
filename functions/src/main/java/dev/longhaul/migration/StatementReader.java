package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.Data;
import dev.longhaul.migration.StatementKind.Definition;
import dev.longhaul.migration.StatementKind.DropIndexConcurrently;
import dev.longhaul.migration.StatementKind.ReindexConcurrently;
import dev.longhaul.migration.StatementKind.Setting;
import dev.longhaul.migration.StatementKind.TransactionControl;
import dev.longhaul.migration.StatementKind.Unverifiable;
import dev.longhaul.migration.StatementKind.Vacuum;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads a statement's kind off its tokens: a cursor that answers "no" past the end.
final class StatementReader {
  private static final Set<String> DATA_WORDS =
      Set.of("insert", "update", "delete", "merge", "select", "with", "values", "table", "copy");
  private static final Set<String> ENDS_OF_DETACH = Set.of("concurrently", "finalize");
  private static final Set<String> TRANSACTION_WORDS =
      Set.of("begin", "commit", "rollback", "abort", "end", "savepoint", "release");

  private final List<Token> tokens;
  private int at;

  StatementReader(List<Token> tokens) {
    this.tokens = tokens;
  }

  StatementKind read() {
    String first = next();
    if (TRANSACTION_WORDS.contains(first)) {
      return new TransactionControl(first);
    }
    if (DATA_WORDS.contains(first)) {
      return new Data();
    }
    return switch (first) {
      case "start" -> new TransactionControl("start transaction");
      case "prepare" ->
          take("transaction") ? new TransactionControl("prepare transaction") : new Definition();
      case "set", "reset" -> settingOrTransaction();
      case "vacuum" -> new Vacuum();
      case "reindex" -> reindex();
      case "create" -> create();
      case "drop" -> drop();
      case "alter" -> alter();
      case "cluster" -> atEnd() ? new Unverifiable(false) : new Definition();
      default -> new Definition();
    };
  }

  private StatementKind settingOrTransaction() {
    if (!take("local")) {
      take("session");
    }
    if (take("transaction")) {
      return new TransactionControl("set transaction");
    }
    return new Setting();
  }

  private StatementKind create() {
    if (take("database") || take("tablespace") || take("subscription")) {
      return new Unverifiable(true);
    }
    take("unique");
    if (!take("index") || !take("concurrently")) {
      return new Definition();
    }
    boolean ifNotExists = take("if") && take("not") && take("exists");
    String index = take("on") ? null : unquoted(name());
    if (index != null) {
      take("on");
    }
    take("only");
    return new CreateIndexConcurrently(index, name(), ifNotExists);
  }

  private StatementKind drop() {
    if (take("database") || take("tablespace") || take("subscription")) {
      return new Unverifiable(true);
    }
    if (!take("index") || !take("concurrently")) {
      return new Definition();
    }
    if (take("if")) {
      take("exists");
    }
    List<String> indexes = new ArrayList<>();
    do {
      indexes.add(name());
    } while (takeSign(','));
    return new DropIndexConcurrently(indexes);
  }

  private StatementKind alter() {
    if (take("system")) {
      return new Unverifiable(true);
    }
    if (take("table") && contains("detach", "partition") && endsWith(ENDS_OF_DETACH)) {
      return new Unverifiable(true);
    }
    return new Definition();
  }

  private StatementKind reindex() {
    boolean concurrently = takeOptions("concurrently");
    String object = next();
    concurrently |= take("concurrently");
    if (concurrently) {
      return new ReindexConcurrently(object, atEnd() ? "" : name());
    }
    return switch (object) {
      case "schema", "database", "system" -> new Unverifiable(false);
      default -> new Definition();
    };
  }

  /// `"Tasks"` → `Tasks`.
  private static String unquoted(String name) {
    return name.startsWith("\"") && name.length() > 1
        ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
        : name;
  }

  private boolean atEnd() {
    return at >= tokens.size() || tokens.get(at).isSign(';');
  }

  private String next() {
    return atEnd() ? "" : tokens.get(at++).text();
  }

  private boolean take(String word) {
    if (atEnd() || !tokens.get(at).isWord(word)) {
      return false;
    }
    at++;
    return true;
  }

  private boolean takeSign(char sign) {
    if (atEnd() || !tokens.get(at).isSign(sign)) {
      return false;
    }
    at++;
    return true;
  }

  /// Takes `( … )` if it comes next, and tells whether `option` is switched on in it.
  private boolean takeOptions(String option) {
    if (!takeSign('(')) {
      return false;
    }
    boolean found = false;
    while (!atEnd() && !takeSign(')')) {
      if (take(option)) {
        found = !(take("false") || take("off") || take("0"));
      } else {
        at++;
      }
    }
    return found;
  }

  /// A name with its schema, as written: `app."Tasks"`.
  private String name() {
    StringBuilder name = new StringBuilder();
    do {
      if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(next());
    } while (takeSign('.'));
    return name.toString();
  }

  private boolean contains(String first, String second) {
    for (int i = at; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).isWord(first) && tokens.get(i + 1).isWord(second)) {
        return true;
      }
    }
    return false;
  }

  private boolean endsWith(Set<String> words) {
    int last = tokens.size() - 1;
    while (last >= 0 && tokens.get(last).isSign(';')) {
      last--;
    }
    return last >= 0 && words.contains(tokens.get(last).text());
  }
}
