package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import dev.longhaul.migration.StatementKind.AddEnumValue;
import dev.longhaul.migration.StatementKind.CreateDatabase;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.Data;
import dev.longhaul.migration.StatementKind.Definition;
import dev.longhaul.migration.StatementKind.DetachPartition;
import dev.longhaul.migration.StatementKind.DropDatabase;
import dev.longhaul.migration.StatementKind.DropIndexConcurrently;
import dev.longhaul.migration.StatementKind.ReindexConcurrently;
import dev.longhaul.migration.StatementKind.Rewrite;
import dev.longhaul.migration.StatementKind.Setting;
import dev.longhaul.migration.StatementKind.TransactionControl;
import dev.longhaul.migration.StatementKind.Unverifiable;
import dev.longhaul.migration.StatementKind.Vacuum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads a statement's kind off its tokens: a cursor that answers "no" past the end.
final class StatementReader {
  private static final Set<String> DATA_WORDS =
      Set.of("insert", "update", "delete", "merge", "select", "with", "values", "table", "copy");
  private static final Set<String> TRANSACTION_WORDS =
      Set.of("begin", "commit", "rollback", "abort", "end", "savepoint", "release");

  private final String statement;
  private final List<Token> tokens;
  private int at;

  StatementReader(String statement) {
    this.statement = statement;
    this.tokens = SqlTokens.of(statement);
  }

  StatementKind read() {
    String first = next();
    if (TRANSACTION_WORDS.contains(first)) {
      return new TransactionControl(first);
    }
    if (DATA_WORDS.contains(first)) {
      return first.equals("select") ? query() : new Data();
    }
    return switch (first) {
      case "start" -> new TransactionControl("start transaction");
      case "prepare" ->
          take("transaction") ? new TransactionControl("prepare transaction") : new Definition();
      case "set", "reset" -> settingOrTransaction();
      case "vacuum" -> vacuum();
      case "reindex" -> reindex();
      case "create" -> create();
      case "drop" -> drop();
      case "alter" -> alter();
      case "cluster" -> {
        takeOptions("");
        take("verbose");
        yield atEnd() ? new Rewrite() : new Definition();
      }
      default -> new Definition();
    };
  }

  private StatementKind settingOrTransaction() {
    boolean isLocal = take("local");
    if (!isLocal) {
      take("session");
    }
    if (take("transaction")) {
      return new TransactionControl("set transaction");
    }
    return new Setting(isLocal ? "" : unquoted(name()).toLowerCase(Locale.ROOT));
  }

  /// `select set_config('name', …, is_local)` and nothing else is a setting: what pg_dump writes
  /// begins with one.
  private StatementKind query() {
    if (take("pg_catalog")) {
      takeSign('.');
    }
    boolean isCall = take("set_config") && takeSign('(') && !atEnd();
    if (!isCall || tokens.get(at).type() != SqlTokens.Type.STRING) {
      return new Data();
    }
    String name = next();
    boolean isLocal = false;
    for (int depth = 1; depth > 0 && !atEnd(); at++) {
      Token token = tokens.get(at);
      depth += token.isSign('(') ? 1 : token.isSign(')') ? -1 : 0;
      isLocal = depth == 0 ? isLocal : token.isWord("true");
    }
    return atEnd()
        ? new Setting(isLocal ? "" : name.replace("'", "").toLowerCase(Locale.ROOT))
        : new Data();
  }

  private StatementKind create() {
    if (take("database")) {
      return new CreateDatabase(unquoted(name()));
    }
    if (take("tablespace") || take("subscription")) {
      return new Unverifiable(true);
    }
    boolean isUnique = take("unique");
    if (!take("index") || !take("concurrently")) {
      return new Definition();
    }
    boolean ifNotExists = take("if") && take("not") && take("exists");
    String index = null;
    if (!take("on")) {
      index = unquoted(name());
      if (!take("on")) {
        return new Unverifiable(true);
      }
    }
    take("only");
    String table = name();
    // Not so behind a name that is written in a way that this does not read (U&"…").
    return isNext('(') || isNext("using")
        ? new CreateIndexConcurrently(index, table, ifNotExists, isUnique, rest())
        : new Unverifiable(true);
  }

  private StatementKind drop() {
    if (take("database")) {
      takeIfExists();
      return new DropDatabase(unquoted(name()));
    }
    if (take("tablespace") || take("subscription")) {
      return new Unverifiable(true);
    }
    if (!take("index") || !take("concurrently")) {
      return new Definition();
    }
    takeIfExists();
    List<String> indexes = new ArrayList<>();
    do {
      indexes.add(name());
    } while (takeSign(','));
    return atEnd() || take("restrict") || take("cascade")
        ? new DropIndexConcurrently(indexes)
        : new Unverifiable(true);
  }

  private StatementKind alter() {
    if (take("system")) {
      return new Unverifiable(true);
    }
    if (take("table")) {
      return alterTable();
    }
    if (take("type")) {
      String type = name();
      if (take("add") && take("value")) {
        if (take("if")) {
          take("not");
          take("exists");
        }
        return new AddEnumValue(type, string());
      }
    }
    return new Definition();
  }

  private StatementKind alterTable() {
    takeIfExists();
    take("only");
    String table = name();
    takeSign('*');
    if (!take("detach") || !take("partition")) {
      return new Definition();
    }
    String partition = name();
    return take("concurrently") || take("finalize")
        ? new DetachPartition(table, partition)
        : new Definition();
  }

  private StatementKind reindex() {
    boolean concurrently = takeOptions("concurrently");
    String object = next();
    concurrently |= take("concurrently");
    if (concurrently) {
      return new ReindexConcurrently(object, atEnd() ? "" : name());
    }
    return switch (object) {
      case "schema", "database", "system" -> new Rewrite();
      default -> new Definition();
    };
  }

  private StatementKind vacuum() {
    int options = at;
    boolean isFull = takeOptions("full");
    int behindOptions = at;
    at = options;
    boolean analyzes = takeOptions("analyze");
    at = options;
    analyzes |= takeOptions("analyse");
    at = behindOptions;
    isFull |= take("full");
    take("freeze");
    take("verbose");
    analyzes |= take("analyze") || take("analyse");
    List<String> tables = new ArrayList<>();
    if (!atEnd()) {
      do {
        take("only");
        tables.add(name());
        takeOptions("");
      } while (takeSign(','));
    }
    return new Vacuum(isFull, analyzes, tables);
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

  private boolean isNext(String word) {
    return !atEnd() && tokens.get(at).isWord(word);
  }

  private boolean isNext(char sign) {
    return !atEnd() && tokens.get(at).isSign(sign);
  }

  private boolean take(String word) {
    if (!isNext(word)) {
      return false;
    }
    at++;
    return true;
  }

  private void takeIfExists() {
    if (take("if")) {
      take("exists");
    }
  }

  private boolean takeSign(char sign) {
    if (!isNext(sign)) {
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
        found = !(take("false") || take("off") || takeSign('0'));
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

  /// All that is left, as written, without the semicolon.
  private String rest() {
    int last = tokens.size() - 1;
    while (tokens.get(last).isSign(';')) {
      last--;
    }
    return statement.substring(tokens.get(at).start(), tokens.get(last).end());
  }

  /// A string constant as written, with the letter that may stand before it: `E'…'`, `U&'…'`.
  private String string() {
    int first = at;
    while (!atEnd() && tokens.get(at).type() != SqlTokens.Type.STRING) {
      at++;
    }
    if (atEnd()) {
      return "null";
    }
    return statement.substring(tokens.get(first).start(), tokens.get(at++).end());
  }
}
