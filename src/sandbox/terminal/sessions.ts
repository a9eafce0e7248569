import type { Faults } from "../faults/faults.ts";
import type { Random } from "../random.ts";
import type { Timers } from "../timers.ts";
import { runInteractive } from "./interactive.ts";
import type { Machine } from "./process.ts";
import { ReplayBuffer } from "./replay-buffer.ts";
import { newSession, runShell } from "./shell.ts";
import { Tty } from "./tty.ts";

/** How much of a terminal's output is replayed to who joins later (agent/reconnectingpty/buffered.go). */
const REPLAY_BYTES = 64 * 1024;
/** A terminal without anybody attached lives this long (agent/reconnectingpty). */
export const DETACHED_LIFE_MS = 5 * 60 * 1000;

/** One socket on a terminal. */
export interface Attachment {
  send(bytes: Buffer): void;
  /** The terminal's process has ended, or its machine has. */
  end(): void;
}

/** A terminal with its process; it outlives the sockets that are attached to it. */
export interface Terminal {
  readonly tty: Tty;
  attach(attachment: Attachment): void;
  detach(attachment: Attachment): void;
  input(bytes: Buffer): void;
  resize(rows: number, columns: number): void;
}

/** The terminals of one agent, by their reconnect id. */
export class Terminals {
  readonly #byId = new Map<string, PtyTerminal>();
  readonly #timers: Timers;
  readonly #faults: Faults;
  readonly machine: Machine;
  #processes = 0;

  constructor(parts: { hostname: string; user: string; timers: Timers; random: Random; faults: Faults }) {
    this.#timers = parts.timers;
    this.#faults = parts.faults;
    this.machine = {
      hostname: parts.hostname,
      user: parts.user,
      after: (ms, run) => parts.timers.after(ms, run),
      processId: () => 1000 + ++this.#processes,
    };
  }

  get count(): number {
    return this.#byId.size;
  }

  /** The terminal of that id, or a new one that runs `command` ("" = a login shell). */
  open(id: string, command: string, rows: number, columns: number): Terminal {
    const known = this.#byId.get(id);
    if (known) {
      known.resize(rows, columns);
      return known;
    }
    const made = new PtyTerminal(this.machine, this.#timers, this.#faults, () => this.#byId.delete(id));
    this.#byId.set(id, made);
    made.resize(rows, columns);
    made.run(command);
    return made;
  }

  /** Nothing comes out of them any more, and nothing goes in; they do not end either. */
  silence(): void {
    for (const terminal of this.#byId.values()) terminal.silence();
    this.#byId.clear();
  }

  /** The machine is gone. */
  end(): void {
    for (const terminal of [...this.#byId.values()]) terminal.end();
  }
}

class PtyTerminal implements Terminal {
  readonly tty: Tty;
  readonly #machine: Machine;
  readonly #timers: Timers;
  readonly #faults: Faults;
  readonly #gone: () => void;
  readonly #attached = new Set<Attachment>();
  readonly #stop = new AbortController();
  readonly #replay = new ReplayBuffer(REPLAY_BYTES);
  #expire: (() => void) | undefined;
  #ended = false;
  #silent = false;
  #interrupt: (() => void) | undefined;

  constructor(machine: Machine, timers: Timers, faults: Faults, gone: () => void) {
    this.#machine = machine;
    this.#timers = timers;
    this.#faults = faults;
    this.#gone = gone;
    this.tty = new Tty(
      (bytes) => this.#output(bytes),
      () => this.#interrupt?.(),
    );
  }

  run(command: string): void {
    const { tty } = this;
    const session = newSession(this.#machine, this.#stop.signal);
    const write = (bytes: Buffer) => tty.write(bytes);
    const io = { stdin: tty, stdout: write, stderr: write, tty };
    const done = () => this.end();
    if (command === "") {
      void runInteractive(io, session, (interrupt) => {
        this.#interrupt = interrupt;
      }).finally(done);
      return;
    }
    this.#interrupt = () => {
      if (!session.ignoreInterrupt) this.#stop.abort();
    };
    void runShell(command, io, session).finally(done);
  }

  attach(attachment: Attachment): void {
    this.#expire?.();
    this.#expire = undefined;
    const before = this.#replay.read();
    if (before.length) attachment.send(before);
    if (this.#ended) attachment.end();
    else this.#attached.add(attachment);
  }

  detach(attachment: Attachment): void {
    this.#attached.delete(attachment);
    if (this.#attached.size || this.#ended) return;
    this.#expire?.();
    this.#expire = this.#timers.after(DETACHED_LIFE_MS, () => this.end());
  }

  input(bytes: Buffer): void {
    if (!this.#ended && !this.#silent) this.tty.input(bytes);
  }

  resize(rows: number, columns: number): void {
    if (!rows || !columns) return;
    this.tty.rows = rows;
    this.tty.columns = columns;
  }

  silence(): void {
    this.#silent = true;
    this.#stop.abort();
  }

  end(): void {
    if (this.#ended || this.#silent) return;
    this.#ended = true;
    this.#expire?.();
    this.#stop.abort();
    this.#gone();
    for (const attachment of this.#attached) attachment.end();
    this.#attached.clear();
  }

  #output(written: Buffer): void {
    if (this.#silent) return;
    const bytes = this.#faults.echo(written);
    this.#replay.push(bytes);
    for (const attachment of this.#attached) attachment.send(bytes);
  }
}
