import { beforeEach, describe, expect, test } from "vitest";
import { type Reader, Tty } from "../../../src/sandbox/terminal/tty.ts";

let shown: string;
let signals: string[];
let tty: Tty;

beforeEach(() => {
  shown = "";
  signals = [];
  tty = new Tty(
    (bytes) => {
      shown += bytes.toString("latin1");
    },
    (name) => signals.push(name),
  );
});

class Collector implements Reader {
  text = "";
  ended = 0;
  data(bytes: Buffer): void {
    this.text += bytes.toString("latin1");
  }
  end(): void {
    this.ended++;
  }
}

const type = (text: string) => tty.input(Buffer.from(text, "latin1"));

describe("a cooked terminal", () => {
  test("echoes at once and hands over whole lines", () => {
    const reader = new Collector();
    tty.attach(reader);
    type("ab");
    expect(shown).toBe("ab");
    expect(reader.text).toBe("");
    type("c\n");
    expect(shown).toBe("abc\r\n");
    expect(reader.text).toBe("abc\n");
  });

  test("erases a character and a line", () => {
    const reader = new Collector();
    tty.attach(reader);
    type("abc\x7f\x7fd\n");
    expect(reader.text).toBe("ad\n");
    expect(shown).toBe("abc\b \b\b \bd\r\n");
    type("xyz\x15\n");
    expect(reader.text).toBe("ad\n\n");
    type("\x7f\n");
    expect(reader.text).toBe("ad\n\n\n");
  });

  test("^D hands over what there is, or ends the input", () => {
    const reader = new Collector();
    tty.attach(reader);
    type("ab\x04");
    expect(reader).toMatchObject({ text: "ab", ended: 0 });
    type("\x04");
    expect(reader).toMatchObject({ text: "ab", ended: 1 });
  });

  test("^C throws the input away, is echoed, and signals afterwards", async () => {
    type("abc\x03");
    expect(shown).toBe("abc^C");
    expect(signals).toEqual([]);
    await Promise.resolve();
    expect(signals).toEqual(["INT"]);
    const reader = new Collector();
    tty.attach(reader);
    type("d\n");
    expect(reader.text).toBe("d\n");
  });

  test("keeps lines until somebody reads, and lets the writer wait when it is full", () => {
    for (let at = 0; at < 5; at++) type(`${"x".repeat(1023)}\n`);
    expect(shown.length).toBe(3 * 1025 + 1023);
    const reader = new Collector();
    tty.attach(reader);
    expect(shown.length).toBe(5 * 1025);
    expect(reader.text).toBe(`${"x".repeat(1023)}\n`.repeat(5));
  });

  test("^S holds the output, ^Q lets it go", () => {
    type("\x13abc\n");
    expect(shown).toBe("");
    type("\x11");
    expect(shown).toBe("abc\r\n");
  });

  test("what a process writes gets carriage returns", () => {
    tty.write(Buffer.from("a\nb"));
    expect(shown).toBe("a\r\nb");
  });
});

describe("a raw terminal without echo", () => {
  beforeEach(() => {
    tty.modes = {
      canonical: false,
      echo: false,
      signals: false,
      translateInput: false,
      flowControl: false,
      processOutput: false,
    };
  });

  test("passes every byte through", () => {
    const reader = new Collector();
    tty.attach(reader);
    type("a\x03\x04\r\n\x7f");
    expect(reader).toMatchObject({ text: "a\x03\x04\r\n\x7f", ended: 0 });
    expect(shown).toBe("");
    tty.write(Buffer.from("x\n"));
    expect(shown).toBe("x\n");
  });

  test("with signals left on, only ^C is more than a byte", async () => {
    tty.modes = { ...tty.modes, signals: true };
    const reader = new Collector();
    tty.attach(reader);
    type("a\x04b\x03c");
    await Promise.resolve();
    expect(reader.text).toBe("a\x04bc");
    expect(signals).toEqual(["INT"]);
  });

  test("is bounded when nobody reads", () => {
    type("x".repeat(10_000));
    const reader = new Collector();
    const detach = tty.attach(reader);
    expect(reader.text.length).toBe(10_000);
    detach();
    type("y");
    expect(reader.text.length).toBe(10_000);
  });
});
