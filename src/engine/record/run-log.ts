import path from "node:path";
import { NOTHING_DESCRIBED } from "../../contract/describe.ts";
import { packed } from "../../measure/packed.ts";
import type { Second } from "../../measure/seconds.ts";
import type { Description } from "../../protocol/description.ts";
import type { KeyFigure } from "../../protocol/key-figure.ts";
import type { RunResult } from "../../protocol/result.ts";
import type { Outcome, RunEvent, Sample } from "../../protocol/snapshot.ts";
import { KEPT_SAMPLES, thinSamples } from "../../protocol/thin.ts";
import { writeResult } from "../../runs/final.ts";
import { NdjsonWriter } from "../../runs/ndjson.ts";
import { DESCRIPTIONS_FILE, EVENTS_FILE, SECONDS_FILE } from "../../runs/run-file.ts";
import { type Message, withTexts } from "../../text/message.ts";

const SHOWN_EVENTS = 30;
const MOST_SAMPLES = 2 * KEPT_SAMPLES;

/** The files that grow with the run. */
export interface LogFiles {
  events: NdjsonWriter;
  descriptions: NdjsonWriter;
  seconds: NdjsonWriter;
}

/** A run's events, seconds and result: the newest in memory, all of them in the run's folder. */
export class RunLog {
  readonly events: RunEvent[] = [];
  onSample: (sample: Sample) => void = () => undefined;
  /** Told once where the folder cannot be written any more; the run goes on without its record. */
  onWriteError: (error: Error) => void = () => undefined;
  /** Takes out of a text what must not be told. */
  hide: (text: string) => string = (text) => text;
  #folder: string;
  #files: LogFiles;
  #clock: { readonly ms: number };
  readonly #steps = new Map<string, { description: Description; samples: Sample[] }>();
  #broken = false;

  /** `clock`: the time of the run. */
  constructor(folder: string, clock: { readonly ms: number }, files: LogFiles) {
    this.#folder = folder;
    this.#clock = clock;
    this.#files = files;
  }

  /** Rejects where the folder cannot be written. */
  static async files(folder: string): Promise<LogFiles> {
    const events = await NdjsonWriter.open(path.join(folder, EVENTS_FILE));
    const descriptions = await NdjsonWriter.open(path.join(folder, DESCRIPTIONS_FILE));
    const seconds = await NdjsonWriter.open(path.join(folder, SECONDS_FILE));
    return { events, descriptions, seconds };
  }

  event(level: RunEvent["level"], what: Message, workspace?: string): void {
    const event: RunEvent = {
      t: Math.round(this.#clock.ms),
      level,
      text: withTexts(what, this.hide),
      ...(workspace ? { workspace } : {}),
    };
    this.events.push(event);
    if (this.events.length > SHOWN_EVENTS) this.events.shift();
    this.#append(this.#files.events, event);
  }

  /** What a step's seconds are of, from now on. */
  describe(step: string, description: Description): void {
    const samples = this.#steps.get(step)?.samples ?? [];
    this.#steps.set(step, { description, samples });
    this.#append(this.#files.descriptions, { step, description });
  }

  /** `samples`: the same second as it is drawn, of each step. */
  second(second: Second, samples: readonly Sample[]): void {
    for (const sample of samples) this.#keep(sample);
    this.#append(this.#files.seconds, packed(second));
  }

  #keep(sample: Sample): void {
    const step = this.#steps.get(sample.step) ?? { description: NOTHING_DESCRIBED, samples: [] };
    this.#steps.set(sample.step, step);
    step.samples.push(sample);
    // Of a long run, older seconds stand for several: what is drawn of it stays small, and goes back to its begin.
    if (step.samples.length > MOST_SAMPLES)
      step.samples = [...thinSamples(step.samples, step.description, KEPT_SAMPLES)];
    this.onSample(sample);
  }

  /** Of all steps, in the order of time. */
  get samples(): Sample[] {
    return inOrder([...this.#steps.values()].map(({ samples }) => samples));
  }

  /** The same, as they are kept with the run. */
  thinned(): Sample[] {
    const all = [...this.#steps.values()];
    return inOrder(
      all.map(({ samples, description }) => [...thinSamples(samples, description, KEPT_SAMPLES)]),
    );
  }

  #append(file: NdjsonWriter, line: object): void {
    file.append(line).catch((error: Error) => this.#writeFailed(error));
  }

  /** Never rejects: the run goes on without its record. */
  async result(result: RunResult, outcome: Outcome, key: KeyFigure | undefined): Promise<void> {
    try {
      await writeResult(this.#folder, result, outcome, key);
    } catch (error) {
      this.#writeFailed(error as Error);
    }
  }

  async close(): Promise<void> {
    const { events, descriptions, seconds } = this.#files;
    for (const file of [events, descriptions, seconds]) await file.close();
  }

  #writeFailed(error: Error): void {
    if (this.#broken) return;
    this.#broken = true;
    this.onWriteError(error);
  }
}

function inOrder(steps: readonly Sample[][]): Sample[] {
  const [only = [], ...more] = steps;
  return more.length === 0 ? only : steps.flat().sort((a, b) => a.second - b.second);
}
