package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void cutsOnlyTheLastColumnToTheTerminal() {
    Table table = new Table(42, "MIGRATION", "NOTE");
    table.row("0001_a_rather_long_name", "waits for the end of the world");
    table.row("0002_b", "short");

    assertThat(print(table))
        .isEqualTo(
            """
            MIGRATION                NOTE
            0001_a_rather_long_name  waits for the en…
            0002_b                   short
            """);
  }

  @Test
  void countsTheColumnsOfATerminal() {
    Table table = new Table(24, "A", "B");
    table.row("索引", "cafe\u0301 索引索引索引索引");
    table.row("a", "b");

    assertThat(print(table)).isEqualTo("A     B\n索引  cafe\u0301 索引索引索引…\na     b\n");
  }

  @Test
  void leavesTextAloneWhereNoTerminalCutsIt() {
    Table table = new Table(Integer.MAX_VALUE, "NOTE");
    table.row("x".repeat(500));

    assertThat(print(table)).contains("x".repeat(500));
  }

  @Test
  void letsNoControlCharactersThrough() {
    Table table = new Table(80, "A", "B");
    table.row("\u001b[31mred", "two\r\n\tlines");

    assertThat(print(table)).isEqualTo("A        B\n[31mred  two lines\n");
  }

  @Test
  void leavesOutEmptyColumns() {
    Table table = new Table(80, "A", "B", "C");
    table.row("1", "", "3");

    assertThat(print(table)).isEqualTo("A  C\n1  3\n");
  }

  @Test
  void readsTheWidthThatTheLauncherGives() {
    assertThat(Table.terminalWidth("120")).isEqualTo(120);
    assertThat(Table.terminalWidth("")).isEqualTo(Integer.MAX_VALUE);
    assertThat(Table.terminalWidth(null)).isEqualTo(Integer.MAX_VALUE);
  }

  private static String print(Table table) {
    StringWriter text = new StringWriter();
    table.print(new PrintWriter(text));
    return text.toString();
  }
}
