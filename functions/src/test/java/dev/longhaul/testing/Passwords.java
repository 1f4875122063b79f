package dev.longhaul.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Has the tests' server, which trusts everybody, ask one role for its password.
public final class Passwords {
  private Passwords() {}

  /// @param role which may be there already, and is made if it is not
  public static void ask(Database database, String role, String password) throws IOException {
    database.execute(
        """
        do $$ begin
          if not exists (select from pg_roles where rolname = '%1$s') then create role %1$s login; end if;
        end $$;
        alter role %1$s password '%2$s'
        """
            .formatted(role, password));
    Path rules = Path.of(database.value("show hba_file"));
    String rule = "host all " + role + " 127.0.0.1/32 scram-sha-256\n";
    String present = Files.readString(rules);
    if (!present.contains(rule)) {
      Files.writeString(rules, rule + present, StandardOpenOption.TRUNCATE_EXISTING);
      database.execute("select pg_reload_conf()");
      database.await(
          "select exists (select from pg_hba_file_rules where user_name = '{%s}')".formatted(role));
    }
  }
}
