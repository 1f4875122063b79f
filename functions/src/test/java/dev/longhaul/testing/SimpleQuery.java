package dev.longhaul.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// A client that leaves it to the server where statements end: it sends a script as it is, as one
/// message. The driver cannot, it splits before. The server must trust the user and not ask for
/// TLS; the messages are those of
/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>.
public final class SimpleQuery implements AutoCloseable {
  private static final int PROTOCOL_3 = 3 << 16;
  private static final int SILENCE_MILLIS = 30_000;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  /// What the server says of one statement that it has run.
  ///
  /// @param tag `INSERT 0 1`, …
  /// @param rows the columns' names, then each row; none where there is no result
  public record Command(String tag, List<List<String>> rows) {
    public Command {
      rows = List.copyOf(rows);
    }
  }

  public SimpleQuery(Database database) {
    URI uri = URI.create(database.url());
    try {
      socket = new Socket(uri.getHost(), uri.getPort());
      socket.setSoTimeout(SILENCE_MILLIS);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
      String parameters =
          "user\0%s\0database\0%s\0client_encoding\0UTF8\0\0"
              .formatted(uri.getUserInfo().split(":", 2)[0], uri.getPath().substring(1));
      ByteArrayOutputStream startup = new ByteArrayOutputStream();
      new DataOutputStream(startup).writeInt(PROTOCOL_3);
      startup.writeBytes(parameters.getBytes(UTF_8));
      send(startup.toByteArray());
      commands();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The commands in which the server sees a script; none where that is empty.
  ///
  /// @throws IllegalStateException with the server's message if one of them fails
  public List<Command> run(String script) {
    try {
      out.write('Q');
      send((script + '\0').getBytes(UTF_8));
      return commands();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void send(byte[] body) throws IOException {
    out.writeInt(Integer.BYTES + body.length);
    out.write(body);
    out.flush();
  }

  /// All that the server says until it is ready for the next query.
  private List<Command> commands() throws IOException {
    List<Command> commands = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    for (char type = (char) in.readByte(); type != 'Z'; type = (char) in.readByte()) {
      DataInputStream body =
          new DataInputStream(
              new ByteArrayInputStream(in.readNBytes(in.readInt() - Integer.BYTES)));
      switch (type) {
        case 'T' -> rows.add(columns(body));
        case 'D' -> rows.add(values(body));
        case 'd' -> rows.add(List.of(new String(body.readAllBytes(), UTF_8)));
        case 'C' -> {
          commands.add(new Command(text(body), rows));
          rows.clear();
        }
        case 'E' -> errors.add(error(body));
        case 'R' -> {
          if (body.readInt() != 0) {
            throw new IllegalStateException("the server does not trust us");
          }
        }
        // Empty query; parameter status, key, notice, notification; copy out.
        case 'I', 'S', 'K', 'N', 'A', 'H', 'c' -> {}
        default -> throw new IllegalStateException("message of type " + type);
      }
    }
    // Its length and one byte: whether a transaction is open.
    in.skipNBytes(Integer.BYTES + Byte.BYTES);
    if (!errors.isEmpty()) {
      throw new IllegalStateException(errors.toString());
    }
    return commands;
  }

  /// Behind a fatal one the server says no more.
  private static String error(DataInputStream body) throws IOException {
    String error = new String(body.readAllBytes(), UTF_8).replace('\0', ' ');
    if (error.contains(" VFATAL ")) {
      throw new IllegalStateException(error);
    }
    return error;
  }

  private static List<String> columns(DataInputStream body) throws IOException {
    List<String> names = new ArrayList<>();
    for (int left = body.readShort(); left > 0; left--) {
      names.add(text(body));
      // Table, column, type, its size and modifier, format.
      body.skipNBytes(3 * Integer.BYTES + 3 * Short.BYTES);
    }
    return names;
  }

  private static List<String> values(DataInputStream body) throws IOException {
    List<String> values = new ArrayList<>();
    for (int left = body.readShort(); left > 0; left--) {
      int length = body.readInt();
      values.add(length < 0 ? "null" : new String(body.readNBytes(length), UTF_8));
    }
    return values;
  }

  private static String text(DataInputStream body) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int next = body.read(); next > 0; next = body.read()) {
      text.write(next);
    }
    return text.toString(UTF_8);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
