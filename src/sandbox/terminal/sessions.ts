import type { Faults } from "../faults/faults.ts";
import { DETACHED_TERMINALS } from "../limits.ts";
import type { Random } from "../random.ts";
import type { Timers } from "../timers.ts";
import { runInteractive } from "./interactive.ts";
import type { Io, Machine } from "./process.ts";
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
  /** So much waits for it that its terminal should write no more. */
  full(): boolean;
  /** The terminal's process has ended, or its machine has. */
  end(): void;
}

/** Told when a terminal may have room again. */
export interface Waiting {
  look(): void;
}

/** Terminals that nobody is attached to, of all agents: so many live on, and of more the oldest end. */
export class Detached {
  readonly #terminals = new Set<{ end(): void }>();

  add(terminal: { end(): void }): void {
    this.#terminals.add(terminal);
    const [oldest] = this.#terminals;
    if (this.#terminals.size > DETACHED_TERMINALS) oldest?.end();
  }

  delete(terminal: { end(): void }): void {
    this.#terminals.delete(terminal);
  }

  get count(): number {
    return this.#terminals.size;
  }
}

/** A terminal with its process; it outlives the sockets that are attached to it. */
export interface Terminal {
  readonly tty: Tty;
  /** It takes no more for now: its process does not read, or somebody attached does not. */
  readonly full: boolean;
  /** Tells whoever waits that there is room again, if there is. */
  look(): void;
  onRoom(waiting: Waiting): void;
  offRoom(waiting: Waiting): void;
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
  readonly #detached: Detached;
  readonly machine: Machine;
  #processes = 0;

  constructor(parts: {
    hostname: string;
    user: string;
    timers: Timers;
    random: Random;
    faults: Faults;
    detached: Detached;
  }) {
    this.#timers = parts.timers;
    this.#faults = parts.faults;
    this.#detached = parts.detached;
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
    const made = new PtyTerminal(
      { machine: this.machine, timers: this.#timers, faults: this.#faults, detached: this.#detached },
      () => this.#byId.delete(id),
    );
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

interface PtyParts {
  machine: Machine;
  timers: Timers;
  faults: Faults;
  detached: Detached;
}

class PtyTerminal implements Terminal {
  readonly tty: Tty;
  readonly #parts: PtyParts;
  readonly #room = new Set<Waiting>();
  readonly #gone: () => void;
  readonly #attached = new Set<Attachment>();
  readonly #stop = new AbortController();
  readonly #replay = new ReplayBuffer(REPLAY_BYTES);
  #expire: (() => void) | undefined;
  #ended = false;
  #silent = false;
  #interrupt: (() => void) | undefined;

  constructor(parts: PtyParts, gone: () => void) {
    this.#parts = parts;
    this.#gone = gone;
    this.tty = new Tty(
      (bytes) => this.#output(bytes),
      () => this.#interrupt?.(),
      () => this.look(),
    );
  }

  get full(): boolean {
    return !this.#ended && (this.tty.stuck || this.#unread());
  }

  #unread(): boolean {
    for (const one of this.#attached) if (one.full()) return true;
    return false;
  }

  look(): void {
    for (const waiting of [...this.#room]) waiting.look();
  }

  onRoom(waiting: Waiting): void {
    this.#room.add(waiting);
  }

  offRoom(waiting: Waiting): void {
    this.#room.delete(waiting);
  }

  /** What its process waits for before it writes more. */
  #writable(): Promise<void> | undefined {
    const blocked = () => !this.#ended && (this.tty.stopped || this.#unread());
    if (!blocked()) return undefined;
    return new Promise((resolve) => {
      const waiting = {
        look: () => {
          if (blocked()) return;
          this.#room.delete(waiting);
          resolve();
        },
      };
      this.#room.add(waiting);
    });
  }

  run(command: string): void {
    const { tty } = this;
    const session = newSession(this.#parts.machine, this.#stop.signal);
    const write = (bytes: Buffer) => tty.write(bytes);
    const io: Io = { stdin: tty, stdout: write, stderr: write, tty, room: () => this.#writable() };
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
    this.#parts.detached.delete(this);
    const before = this.#replay.read();
    if (before.length) attachment.send(before);
    if (this.#ended) attachment.end();
    else this.#attached.add(attachment);
  }

  detach(attachment: Attachment): void {
    this.#attached.delete(attachment);
    this.look();
    if (this.#attached.size || this.#ended || this.#silent) return;
    this.#expire?.();
    this.#expire = this.#parts.timers.after(DETACHED_LIFE_MS, () => this.end());
    this.#parts.detached.add(this);
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
    this.#expire?.();
    this.#parts.detached.delete(this);
    this.#stop.abort();
  }

  end(): void {
    if (this.#ended || this.#silent) return;
    this.#ended = true;
    this.#expire?.();
    this.#parts.detached.delete(this);
    this.#stop.abort();
    this.#gone();
    for (const attachment of this.#attached) attachment.end();
    this.#attached.clear();
    this.look();
  }

  #output(written: Buffer): void {
    if (this.#silent) return;
    const bytes = this.#parts.faults.echo(written);
    this.#replay.push(bytes);
    for (const attachment of this.#attached) attachment.send(bytes);
  }
}
