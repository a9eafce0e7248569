import { PageReader } from "../coder/page.ts";
import type { CoderdPage } from "../protocol/server-source.ts";
import { type Message, ofWords, say } from "../text/message.ts";
import { ExpositionReader } from "./exposition.ts";
import { isWanted, NAMES } from "./names.ts";
import { Readings } from "./readings.ts";
import type { Look, Source } from "./source.ts";

const TIMEOUT_MS = 5_000;
/** Prefers the plain format: OpenMetrics has nothing more that we read, in more bytes. */
const ACCEPT = "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

/** How a source is called where people read: by its host, never by what may be secret of its address. */
export function sourceName(url: string): string {
  return new URL(url).host;
}

/** Of this thread, in milliseconds; where Node cannot tell (before 23.9), time itself: no less than that. */
export function busyMs(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  if (!threadCpuUsage) return performance.now();
  const { user, system } = threadCpuUsage();
  return (user + system) / 1_000;
}

/** The page of metrics of one coderd. */
export class CoderdSource implements Source {
  readonly name: string;
  readonly #page: PageReader;
  readonly #readings: Readings;
  #hasAnswered = false;

  constructor({ url, network, token }: CoderdPage) {
    this.name = `coderd ${sourceName(url)}`;
    this.#page = new PageReader({ url, network, token, accept: ACCEPT });
    this.#readings = new Readings(sourceName(url));
  }

  async look(signal: AbortSignal): Promise<Look> {
    const reader = new ExpositionReader(isWanted);
    let cpuMs = 0;
    const timed = <T>(work: () => T): T => {
      const begun = busyMs();
      try {
        return work();
      } finally {
        cpuMs += busyMs() - begun;
      }
    };
    const bytes = await this.#page.read((text) => timed(() => reader.push(text)), TIMEOUT_MS, signal);
    const { values, shared, restarted } = timed(() => this.#readings.take(reader.end(), performance.now()));
    this.#hasAnswered = true;
    return { values, shared, restarted, requests: 1, bytes, cpuMs };
  }

  missing(): Message[] {
    if (!this.#hasAnswered) return [];
    const missed = NAMES.filter(({ metric, missed }) => missed && !this.#readings.seen.has(metric));
    return missed.flatMap(({ missed }) => {
      if (!missed) return [];
      const said = say("{0} has reported nothing about {1}", this.name, ofWords(missed.text));
      return missed.mend ? say("{0}: {1}", said, ofWords(missed.mend)) : said;
    });
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}
