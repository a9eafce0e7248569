import { HELD_BYTES, STUCK_BYTES } from "../limits.ts";

/** Takes what a process reads from its standard input. */
export interface Reader {
  data(bytes: Buffer): void;
  end(): void;
}

/** A standard input: one process at a time reads from it. */
export interface Source {
  /** @returns a function that stops reading */
  attach(reader: Reader): () => void;
}

export type Sink = (bytes: Buffer) => void;

/** N_TTY_BUF_SIZE - 1: how much a terminal holds that nobody has read. */
const INPUT_LIMIT = 4095;
/** What most lines fit into. */
const SHORT_LINE = 256;
const LF = 0x0a;
const CR = 0x0d;
const DEL = 0x7f;
const control = (letter: string) => letter.charCodeAt(0) - 0x40;
const CTRL_C = control("C");
const CTRL_D = control("D");
const CTRL_Q = control("Q");
const CTRL_S = control("S");
const CTRL_U = control("U");
const CTRL_BACKSLASH = 0x1c;
const CRLF = Buffer.from("\r\n");
const ERASE = Buffer.from("\b \b");
const NEWLINE = Buffer.from("\n");

/** The modes that `stty` changes. */
export interface Modes {
  canonical: boolean;
  echo: boolean;
  signals: boolean;
  /** CR becomes LF on input. */
  translateInput: boolean;
  flowControl: boolean;
  /** LF becomes CR LF on output. */
  processOutput: boolean;
}

export const COOKED: Modes = {
  canonical: true,
  echo: true,
  signals: true,
  translateInput: true,
  flowControl: true,
  processOutput: true,
};

/**
 * A terminal as the Linux kernel's line discipline (n_tty) makes it: it echoes input itself, whether or not
 * a process reads, keeps lines until they are complete, and stops taking input when nobody reads.
 */
export class Tty implements Source {
  modes: Modes = { ...COOKED };
  rows = 0;
  columns = 0;
  readonly #send: Sink;
  readonly #signal: (name: "INT" | "QUIT") => void;
  #reader: Reader | undefined;
  /** Complete input that nobody has read; null is an end of file. */
  #ready: (Buffer | null)[] = [];
  #readyBytes = 0;
  /** Made when the first character comes: a terminal in raw mode, or one that nobody types at, needs none. */
  #line: Buffer = Buffer.alloc(0);
  #lineBytes = 0;
  /** Input that did not fit: the writer is stuck until somebody reads. */
  #stuck: Buffer[] = [];
  #stuckBytes = 0;
  #stopped = false;
  #held: Buffer[] = [];
  #heldBytes = 0;
  readonly #room: () => void;

  /** @param room is told when it may be written or typed at again */
  constructor(send: Sink, signal: (name: "INT" | "QUIT") => void, room: () => void = () => undefined) {
    this.#send = send;
    this.#signal = signal;
    this.#room = room;
  }

  /** So much input waits that whoever types should wait, too. */
  get stuck(): boolean {
    return this.#stuckBytes > STUCK_BYTES;
  }

  /** By ^S: a process that writes waits. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether what is typed goes to a process. One whose output is held back writes, and so does not read. */
  get #reading(): Reader | undefined {
    return this.#stopped && this.#heldBytes >= HELD_BYTES ? undefined : this.#reader;
  }

  /** What a process writes. */
  write(bytes: Buffer): void {
    if (bytes.length) this.#emit(this.modes.processOutput ? withCarriageReturns(bytes) : bytes);
  }

  /** What the person at the terminal types. */
  input(bytes: Buffer): void {
    if (this.#stuck.length) {
      this.#stick(bytes);
      return;
    }
    const echo: Buffer[] = [];
    const taken = this.modes.canonical ? this.#cooked(bytes, echo) : this.#raw(bytes, echo);
    if (taken < bytes.length) this.#stick(bytes.subarray(taken));
    if (echo.length) this.#emit(echo.length === 1 && echo[0] ? echo[0] : Buffer.concat(echo));
  }

  attach(reader: Reader): () => void {
    this.#reader = reader;
    this.#drain();
    return () => {
      if (this.#reader === reader) this.#reader = undefined;
    };
  }

  #stick(bytes: Buffer): void {
    this.#stuck.push(bytes);
    this.#stuckBytes += bytes.length;
  }

  /** Of a stopped terminal's output so much is held; the kernel forgets what is echoed then. */
  #emit(bytes: Buffer): void {
    if (!this.#stopped) return this.#send(bytes);
    if (this.#heldBytes >= HELD_BYTES) return;
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
  }

  /** @returns how many bytes were taken */
  #cooked(bytes: Buffer, echo: Buffer[]): number {
    let at = 0;
    while (at < bytes.length) {
      let end = at;
      while (end < bytes.length && isPlain(bytes[end] ?? 0)) end++;
      if (end > at) {
        const took = this.#plain(bytes.subarray(at, end), echo);
        at += took;
        if (at < end) return at;
      } else if (!this.#special(bytes[at] ?? 0, echo)) {
        return at;
      } else {
        at++;
      }
    }
    return at;
  }

  /** Characters that stand for themselves. */
  #plain(run: Buffer, echo: Buffer[]): number {
    const room = INPUT_LIMIT - this.#readyBytes - this.#lineBytes;
    // With complete lines waiting, a full terminal makes the writer wait; with one endless line it
    // goes on echoing and forgets what does not fit (recorded: pty-echo-no-reader, pty-canonical-limit).
    const took = run.length <= room || !this.#readyBytes ? run.length : Math.max(0, room);
    const kept = Math.min(took, Math.max(0, room));
    this.#growLine(this.#lineBytes + kept);
    run.copy(this.#line, this.#lineBytes, 0, kept);
    this.#lineBytes += kept;
    if (this.modes.echo && took) echo.push(run.subarray(0, took));
    return took;
  }

  /** @returns false when there is no room for it */
  #special(byte: number, echo: Buffer[]): boolean {
    const { modes } = this;
    if (modes.flowControl && (byte === CTRL_S || byte === CTRL_Q)) {
      if (byte === CTRL_S) this.#stop();
      else this.#resume(echo);
      return true;
    }
    if (modes.signals && (byte === CTRL_C || byte === CTRL_BACKSLASH)) {
      this.#interrupt(byte, echo);
      return true;
    }
    if (byte === LF || (byte === CR && modes.translateInput)) return this.#endLine(echo);
    if (byte === DEL) this.#erase(1, echo);
    else if (byte === CTRL_U) this.#erase(this.#lineBytes, echo);
    else if (byte === CTRL_D) this.#endOfFile();
    else return this.#controlCharacter(byte, echo);
    return true;
  }

  #controlCharacter(byte: number, echo: Buffer[]): boolean {
    if (this.#readyBytes + this.#lineBytes >= INPUT_LIMIT && this.#readyBytes) return false;
    if (this.#lineBytes < INPUT_LIMIT) this.#append(byte);
    if (this.modes.echo) echo.push(byte === 0x09 ? Buffer.from("\t") : caret(byte));
    return true;
  }

  #endLine(echo: Buffer[]): boolean {
    if (this.#readyBytes && this.#readyBytes + this.#lineBytes >= INPUT_LIMIT) return false;
    this.#append(LF);
    if (this.modes.echo) echo.push(this.modes.processOutput ? CRLF : NEWLINE);
    this.#completeLine();
    return true;
  }

  #append(byte: number): void {
    this.#growLine(this.#lineBytes + 1);
    this.#line[this.#lineBytes++] = byte;
  }

  #growLine(bytes: number): void {
    if (bytes <= this.#line.length) return;
    const grown = Buffer.alloc(bytes <= SHORT_LINE ? SHORT_LINE : INPUT_LIMIT + 1);
    this.#line.copy(grown, 0, 0, this.#lineBytes);
    this.#line = grown;
  }

  #completeLine(): void {
    const line = Buffer.from(this.#line.subarray(0, this.#lineBytes));
    this.#lineBytes = 0;
    this.#deliver(line);
  }

  #endOfFile(): void {
    if (this.#lineBytes) this.#completeLine();
    else this.#deliver(null);
  }

  #erase(count: number, echo: Buffer[]): void {
    for (let left = count; left > 0 && this.#lineBytes > 0; left--) {
      do this.#lineBytes--;
      while (this.#lineBytes > 0 && ((this.#line[this.#lineBytes] ?? 0) & 0xc0) === 0x80);
      if (this.modes.echo) echo.push(ERASE);
    }
  }

  #interrupt(byte: number, echo: Buffer[]): void {
    this.#ready = [];
    this.#readyBytes = 0;
    this.#lineBytes = 0;
    if (this.modes.echo) echo.push(caret(byte));
    // The signal's effects come after the echo of the character, as in the kernel.
    queueMicrotask(() => this.#signal(byte === CTRL_C ? "INT" : "QUIT"));
  }

  #stop(): void {
    this.#stopped = true;
  }

  #resume(echo: Buffer[]): void {
    this.#stopped = false;
    echo.push(...this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    // After the echo of what came with it.
    queueMicrotask(() => {
      this.#drain();
      this.#room();
    });
  }

  #raw(bytes: Buffer, echo: Buffer[]): number {
    if (this.modes.signals) {
      const at = bytes.indexOf(CTRL_C);
      if (at === 0) {
        this.#interrupt(CTRL_C, echo);
        return bytes.length > 1 ? 1 + this.#raw(bytes.subarray(1), echo) : 1;
      }
      if (at > 0) {
        const before = this.#raw(bytes.subarray(0, at), echo);
        return before < at ? before : at + this.#raw(bytes.subarray(at), echo);
      }
    }
    const room = this.#reading ? bytes.length : INPUT_LIMIT - this.#readyBytes;
    const took = Math.max(0, Math.min(room, bytes.length));
    if (took === 0) return 0;
    const part = bytes.subarray(0, took);
    if (this.modes.echo) echo.push(part);
    this.#deliver(part);
    return took;
  }

  #deliver(piece: Buffer | null): void {
    const reader = this.#reading;
    if (reader && !this.#ready.length) {
      if (piece === null) reader.end();
      else reader.data(piece);
      return;
    }
    this.#ready.push(piece);
    this.#readyBytes += piece?.length ?? 0;
    if (reader) this.#drain();
  }

  #drain(): void {
    for (let reader = this.#reading; reader && this.#ready.length; reader = this.#reading) {
      const piece = this.#ready.shift();
      if (piece === null) reader.end();
      else if (piece) {
        this.#readyBytes -= piece.length;
        reader.data(piece);
      }
    }
    if (!this.#stuck.length) return;
    const waiting = Buffer.concat(this.#stuck);
    this.#stuck = [];
    this.#stuckBytes = 0;
    this.input(waiting);
    if (!this.stuck) this.#room();
  }
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte !== DEL;
}

function caret(byte: number): Buffer {
  return Buffer.from(`^${String.fromCharCode((byte & 0x7f) ^ 0x40)}`);
}

/** LF becomes CR LF (onlcr). */
function withCarriageReturns(bytes: Buffer): Buffer {
  if (!bytes.includes(LF)) return bytes;
  return Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1");
}
