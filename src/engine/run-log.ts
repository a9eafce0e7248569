import path from "node:path";
import type { RunResult } from "../protocol/result.ts";
import type { RunEvent, Sample } from "../protocol/snapshot.ts";
import { writeResult } from "../runs/final.ts";
import { NdjsonWriter } from "../runs/ndjson.ts";
import { EVENTS_FILE, SAMPLES_FILE } from "../runs/run-file.ts";

const SHOWN_EVENTS = 30;
const KEPT_SAMPLES = 3_600;

/** A run's events, samples and result: the newest in memory, all of them in the run's folder. */
export class RunLog {
  readonly events: RunEvent[] = [];
  readonly samples: Sample[] = [];
  onSample: (sample: Sample) => void = () => undefined;
  /** Told once where the folder cannot be written any more; the run goes on without its record. */
  onWriteError: (error: Error) => void = () => undefined;
  /** Takes out of a text what must not be told. */
  hide: (text: string) => string = (text) => text;
  #folder: string;
  #eventFile: NdjsonWriter;
  #sampleFile: NdjsonWriter;
  #startedAt: number;
  #broken = false;

  private constructor(folder: string, startedAt: number, events: NdjsonWriter, samples: NdjsonWriter) {
    this.#folder = folder;
    this.#startedAt = startedAt;
    this.#eventFile = events;
    this.#sampleFile = samples;
  }

  static async open(folder: string, startedAt: number): Promise<RunLog> {
    const events = await NdjsonWriter.open(path.join(folder, EVENTS_FILE));
    const samples = await NdjsonWriter.open(path.join(folder, SAMPLES_FILE));
    return new RunLog(folder, startedAt, events, samples);
  }

  event(level: RunEvent["level"], text: string, workspace?: string): void {
    const event: RunEvent = {
      t: Date.now() - this.#startedAt,
      level,
      text: this.hide(text),
      ...(workspace ? { workspace } : {}),
    };
    this.events.push(event);
    if (this.events.length > SHOWN_EVENTS) this.events.shift();
    this.#eventFile.append(event).catch((error: Error) => this.#writeFailed(error));
  }

  sample(sample: Sample): void {
    const { histograms: _notShown, ...shown } = sample;
    this.samples.push(shown);
    if (this.samples.length > KEPT_SAMPLES) this.samples.shift();
    this.onSample(shown);
    this.#sampleFile.append(sample).catch((error: Error) => this.#writeFailed(error));
  }

  /** Never rejects: the run goes on without its record. */
  async result(result: RunResult): Promise<void> {
    try {
      await writeResult(this.#folder, result);
    } catch (error) {
      this.#writeFailed(error as Error);
    }
  }

  async close(): Promise<void> {
    await this.#eventFile.close();
    await this.#sampleFile.close();
  }

  #writeFailed(error: Error): void {
    if (this.#broken) return;
    this.#broken = true;
    this.onWriteError(error);
  }
}
