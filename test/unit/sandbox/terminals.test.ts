import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClock } from "../../../src/sandbox/clock.ts";
import { Faults } from "../../../src/sandbox/faults/faults.ts";
import { DETACHED_TERMINALS, STUCK_BYTES } from "../../../src/sandbox/limits.ts";
import { createRandom } from "../../../src/sandbox/random.ts";
import { type Attachment, Detached, Terminals } from "../../../src/sandbox/terminal/sessions.ts";
import { Timers } from "../../../src/sandbox/timers.ts";

let timers: Timers;
let detached: Detached;
let terminals: Terminals;
beforeEach(() => {
  timers = new Timers();
  detached = new Detached();
  const random = createRandom(1);
  const faults = new Faults(random, createClock());
  terminals = new Terminals({ hostname: "box", user: "coder", timers, random, faults, detached });
});
afterEach(() => {
  terminals.end();
  timers.close();
});

/** Somebody attached who reads when told to. */
class Client implements Attachment {
  bytes = 0;
  reads = true;
  ended = false;
  send(bytes: Buffer): void {
    this.bytes += bytes.length;
  }
  full(): boolean {
    return !this.reads;
  }
  end(): void {
    this.ended = true;
  }
}

const open = (command: string) => terminals.open(randomUUID(), command, 24, 80);
const turns = async (count: number) => {
  for (let at = 0; at < count; at++) await new Promise((resolve) => setTimeout(resolve, 1));
};
async function until(check: () => boolean): Promise<void> {
  while (!check()) await turns(1);
}

test.each(["dd if=/dev/zero bs=1k", "while true; do echo one more; done", "dd if=/dev/zero bs=1k | cat"])(
  "a process waits while one of two does not read: %s",
  async (command) => {
    const terminal = open(command);
    const [reader, other] = [new Client(), new Client()];
    terminal.attach(reader);
    terminal.attach(other);
    await until(() => reader.bytes > 3_000);
    other.reads = false;
    await turns(2);
    const before = reader.bytes;
    await turns(30);
    expect([reader.bytes, terminal.full]).toEqual([before, true]);
    other.reads = true;
    terminal.look();
    await until(() => reader.bytes > before + 3_000);
    expect(terminal.full).toBe(false);
  },
);

test("whoever goes is not waited for", async () => {
  const terminal = open("dd if=/dev/zero bs=1k");
  const [reader, other] = [new Client(), new Client()];
  terminal.attach(reader);
  other.reads = false;
  terminal.attach(other);
  await turns(5);
  const before = reader.bytes;
  terminal.detach(other);
  await until(() => reader.bytes > before + 3_000);
});

test("input that is not read makes whoever types wait, until it is", async () => {
  const terminal = open("sleep 0.2; cat >/dev/null");
  terminal.attach(new Client());
  let told = 0;
  terminal.onRoom({ look: () => told++ });
  const line = Buffer.from(`${"x".repeat(99)}\n`);
  for (let bytes = 0; bytes <= STUCK_BYTES; bytes += line.length) terminal.input(line);
  expect(terminal.full).toBe(false);
  for (let bytes = 0; bytes <= 4_096; bytes += line.length) terminal.input(line);
  expect([terminal.full, told]).toEqual([true, 0]);
  await until(() => told > 0);
  expect(terminal.full).toBe(false);
});

test("of terminals that nobody is attached to, the oldest end", () => {
  const clients = Array.from({ length: DETACHED_TERMINALS + 3 }, () => {
    const [terminal, client] = [open("sleep 100"), new Client()];
    terminal.attach(client);
    terminal.detach(client);
    return terminal;
  });
  expect([detached.count, terminals.count]).toEqual([DETACHED_TERMINALS, DETACHED_TERMINALS]);
  const late = clients.slice(0, 4).map((terminal) => {
    const client = new Client();
    terminal.attach(client);
    return client.ended;
  });
  expect(late).toEqual([true, true, true, false]);
});
