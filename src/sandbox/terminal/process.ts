import { PIPE_BYTES, SHELL_BYTES } from "../limits.ts";
import { COOKED, type Reader, type Sink, type Source, type Tty } from "./tty.ts";

/** What a running command has in hand. */
export interface Io {
  stdin: Source;
  stdout: Sink;
  stderr: Sink;
  tty: Tty | undefined;
  /** What has to be waited for before more is written; undefined where there is room. */
  room?: (() => Promise<void> | undefined) | undefined;
}

/** A machine as its commands see it. */
export interface Machine {
  hostname: string;
  user: string;
  /** Resolves after `ms` of the sandbox's time. */
  after(ms: number, run: () => void): () => void;
  processId(): number;
}

/** Thrown through a script that is interrupted. */
export class Interrupted extends Error {}

/** The end of a script by `exit`. */
export class Exit extends Error {
  readonly status: number;
  constructor(status: number) {
    super("exit");
    this.status = status;
  }
}

/** State of one running script: variables, the last status, and whether it was interrupted. */
export interface Session {
  machine: Machine;
  variables: Variables;
  status: number;
  processId: number;
  /** ^C and hang-ups; a script may ignore the former. */
  stop: AbortSignal;
  ignoreInterrupt: boolean;
  /** Shells that run in this terminal, each within another. */
  shells: { running: number };
}

/** A shell's variables; together they have a limit, as the arguments of a process have. */
export class Variables {
  readonly #values = new Map<string, string>();
  #bytes = 0;

  constructor(from: Iterable<readonly [string, string]>) {
    for (const [name, value] of from) this.set(name, value);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** @throws Error when there are too many, or too long ones */
  set(name: string, value: string): void {
    const before = this.#values.get(name);
    const bytes = this.#bytes + value.length - (before?.length ?? -name.length);
    if (bytes > SHELL_BYTES) throw new Error("cannot allocate memory");
    this.#bytes = bytes;
    this.#values.set(name, value);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values[Symbol.iterator]();
  }
}

export const EMPTY: Source = {
  attach(reader) {
    queueMicrotask(() => reader.end());
    return () => undefined;
  },
};

export const DISCARD: Sink = () => undefined;

/** Runs `start` until it calls `done`, or until the script is stopped. */
export function until<T>(
  session: Session,
  start: (done: (value: T) => void) => (() => void) | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (session.stop.aborted) {
      reject(new Interrupted());
      return;
    }
    let finished = false;
    let cleanUp: (() => void) | undefined;
    const finish = (settle: () => void) => {
      if (finished) return;
      finished = true;
      session.stop.removeEventListener("abort", onStop);
      cleanUp?.();
      settle();
    };
    const onStop = () => finish(() => reject(new Interrupted()));
    session.stop.addEventListener("abort", onStop);
    cleanUp = start((value) => finish(() => resolve(value)));
    if (finished) cleanUp?.();
  });
}

/** Joins one command's output to the next one's input. */
export class Pipe implements Source {
  #reader: Reader | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #closed = false;
  #waiting: (() => void)[] = [];

  /** What has no room is lost: only a writer that cannot wait writes then. */
  readonly sink: Sink = (bytes) => {
    if (this.#closed) return;
    if (this.#reader) this.#reader.data(bytes);
    else if (this.#bytes < 2 * PIPE_BYTES) {
      this.#chunks.push(Buffer.from(bytes));
      this.#bytes += bytes.length;
    }
  };

  /** Resolves when somebody reads. */
  room(): Promise<void> | undefined {
    if (this.#reader || this.#closed || this.#bytes < PIPE_BYTES) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #emptied(): void {
    this.#chunks = [];
    this.#bytes = 0;
    for (const go of this.#waiting.splice(0)) go();
  }

  end(): void {
    this.#ended = true;
    this.#reader?.end();
  }

  /** Nobody will read any more. */
  close(): void {
    this.#closed = true;
    this.#emptied();
  }

  attach(reader: Reader): () => void {
    this.#reader = reader;
    const waiting = this.#chunks;
    this.#emptied();
    for (const chunk of waiting) reader.data(chunk);
    if (this.#ended) reader.end();
    return () => {
      if (this.#reader === reader) this.#reader = undefined;
    };
  }
}

/** Waits until there is room for more output. @throws Interrupted */
export async function untilRoom(io: Io, session: Session): Promise<void> {
  const room = io.room?.();
  if (room === undefined) return;
  await until<void>(session, (done) => {
    void room.then(done);
    return undefined;
  });
}

/** `stty` without arguments that this terminal does not know changes nothing. */
export function applyStty(tty: Tty, word: string): boolean {
  if (word === "raw") {
    tty.modes = {
      ...tty.modes,
      canonical: false,
      signals: false,
      translateInput: false,
      flowControl: false,
      processOutput: false,
    };
  } else if (word === "sane") tty.modes = { ...COOKED };
  else if (word === "cooked" || word === "-raw") tty.modes = { ...COOKED, echo: tty.modes.echo };
  else if (word === "echo" || word === "-echo") tty.modes = { ...tty.modes, echo: word === "echo" };
  else if (word === "icanon" || word === "-icanon")
    tty.modes = { ...tty.modes, canonical: word === "icanon" };
  else if (word === "isig" || word === "-isig") tty.modes = { ...tty.modes, signals: word === "isig" };
  else if (word === "opost" || word === "-opost")
    tty.modes = { ...tty.modes, processOutput: word === "opost" };
  else if (word === "ixon" || word === "-ixon") tty.modes = { ...tty.modes, flowControl: word === "ixon" };
  else if (word === "icrnl" || word === "-icrnl")
    tty.modes = { ...tty.modes, translateInput: word === "icrnl" };
  else return false;
  return true;
}
