import path from "node:path";
import { packed } from "../measure/packed.ts";
import type { Second } from "../measure/seconds.ts";
import type { Description } from "../protocol/description.ts";
import type { RunResult } from "../protocol/result.ts";
import type { Outcome, RunEvent, Sample } from "../protocol/snapshot.ts";
import { KEPT_SAMPLES, thinSamples } from "../protocol/thin.ts";
import { writeResult } from "../runs/final.ts";
import { NdjsonWriter } from "../runs/ndjson.ts";
import { EVENTS_FILE, SECONDS_FILE } from "../runs/run-file.ts";
import { type Message, withTexts } from "../text/message.ts";

const SHOWN_EVENTS = 30;
const MOST_SAMPLES = 2 * KEPT_SAMPLES;

/** The files that grow with the run. */
export interface LogFiles {
  events: NdjsonWriter;
  seconds: NdjsonWriter;
}

/** A run's events, seconds and result: the newest in memory, all of them in the run's folder. */
export class RunLog {
  readonly events: RunEvent[] = [];
  samples: Sample[] = [];
  onSample: (sample: Sample) => void = () => undefined;
  /** Told once where the folder cannot be written any more; the run goes on without its record. */
  onWriteError: (error: Error) => void = () => undefined;
  /** Takes out of a text what must not be told. */
  hide: (text: string) => string = (text) => text;
  #folder: string;
  #eventFile: NdjsonWriter;
  #secondFile: NdjsonWriter;
  #clock: { readonly ms: number };
  #description: Description | undefined;
  #broken = false;

  /** `clock`: the time of the run. */
  constructor(folder: string, clock: { readonly ms: number }, files: LogFiles) {
    this.#folder = folder;
    this.#clock = clock;
    this.#eventFile = files.events;
    this.#secondFile = files.seconds;
  }

  /** Rejects where the folder cannot be written. */
  static async files(folder: string): Promise<LogFiles> {
    const events = await NdjsonWriter.open(path.join(folder, EVENTS_FILE));
    const seconds = await NdjsonWriter.open(path.join(folder, SECONDS_FILE));
    return { events, seconds };
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
    this.#append(this.#eventFile, event);
  }

  /** What the seconds after this line are of. */
  describe(description: Description): void {
    this.#description = description;
    this.#append(this.#secondFile, { description });
  }

  /** `sample`: the same second as it is drawn. */
  second(second: Second, sample: Sample): void {
    this.samples.push(sample);
    // Of a long run, older seconds stand for several: what is drawn of it stays small, and goes back to its begin.
    if (this.samples.length > MOST_SAMPLES && this.#description)
      this.samples = [...thinSamples(this.samples, this.#description, KEPT_SAMPLES)];
    this.onSample(sample);
    this.#append(this.#secondFile, packed(second));
  }

  #append(file: NdjsonWriter, line: object): void {
    file.append(line).catch((error: Error) => this.#writeFailed(error));
  }

  /** Never rejects: the run goes on without its record. */
  async result(result: RunResult, outcome: Outcome): Promise<void> {
    try {
      await writeResult(this.#folder, result, outcome);
    } catch (error) {
      this.#writeFailed(error as Error);
    }
  }

  async close(): Promise<void> {
    await this.#eventFile.close();
    await this.#secondFile.close();
  }

  #writeFailed(error: Error): void {
    if (this.#broken) return;
    this.#broken = true;
    this.onWriteError(error);
  }
}
