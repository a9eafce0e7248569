import type { Problem } from "../../../scenario/problem.ts";
import type { ReadScenario } from "../../../scenario/read.ts";
import { saidOf } from "../../../text/said-error.ts";
import type { ReadableDocument } from "../../model/scenarios/read-document.ts";

/** After the last key, before the file is read. */
const QUIET_MS = 200;
/** After the file has been read, before a deployment is asked about it. */
const REST_MS = 1_000;

export interface ProblemSource<D extends ReadableDocument> {
  read(document: D): Promise<ReadScenario>;
  /** What only a deployment knows; with `mayAsk: false`, as far as it is known already, at once. */
  ofDeployment(read: ReadScenario, options: { mayAsk: boolean }): Promise<readonly Problem[]>;
  /** Replaces what is shown of the document. */
  show(document: D, problems: readonly Problem[]): void;
  /** A check could not be made. */
  failed(error: unknown): void;
}

/** Why a file cannot be checked at all: a ceiling of the environment is no number, say. */
function unread(error: unknown): Problem {
  const begin = { line: 0, column: 0 };
  return { message: saidOf(error), severity: "error", range: { start: begin, end: { line: 0, column: 1 } } };
}

/** What is being done about one open document. */
interface Watched {
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Goes up whenever what is under way is of no use any more. */
  turn: number;
}

/** What is wrong with the scenarios that are open, as somebody types. What is shown is of the newest version, or is not. */
export class LiveProblems<D extends ReadableDocument> {
  readonly #source: ProblemSource<D>;
  readonly #open = new Map<D, Watched>();

  constructor(source: ProblemSource<D>) {
    this.#source = source;
  }

  /** A document has been opened, or its text has changed. */
  changed(document: D): void {
    this.#later(document, QUIET_MS, (turn) => this.#check(document, turn));
  }

  /** Something that all depend on has changed: ceilings, or who is signed in. */
  again(): void {
    for (const document of this.#open.keys()) this.changed(document);
  }

  closed(document: D): void {
    const watched = this.#open.get(document);
    if (!watched) return;
    clearTimeout(watched.timer);
    this.#open.delete(document);
    this.#source.show(document, []);
  }

  dispose(): void {
    for (const { timer } of this.#open.values()) clearTimeout(timer);
    this.#open.clear();
  }

  #later(document: D, ms: number, work: (turn: number) => Promise<void>): void {
    const watched = this.#open.get(document) ?? { timer: undefined, turn: 0 };
    this.#open.set(document, watched);
    clearTimeout(watched.timer);
    const turn = ++watched.turn;
    watched.timer = setTimeout(() => {
      work(turn).catch((error: unknown) => this.#source.failed(error));
    }, ms);
  }

  async #check(document: D, turn: number): Promise<void> {
    const read = await this.#source.read(document).catch((error: unknown) => {
      // What was shown is of an older text.
      if (this.#isCurrent(document, turn)) this.#source.show(document, [unread(error)]);
      throw error;
    });
    if (!this.#isCurrent(document, turn)) return;
    const known = await this.#source.ofDeployment(read, { mayAsk: false });
    if (!this.#isCurrent(document, turn)) return;
    this.#source.show(document, [...read.problems, ...known]);
    this.#later(document, REST_MS, async (next) => {
      const found = await this.#source.ofDeployment(read, { mayAsk: true });
      if (this.#isCurrent(document, next)) this.#source.show(document, [...read.problems, ...found]);
    });
  }

  #isCurrent(document: D, turn: number): boolean {
    return this.#open.get(document)?.turn === turn;
  }
}
