import { look, type Value } from "../measure/values.ts";
import { unlessAborted } from "../protocol/abort.ts";
import { seriesKey } from "../protocol/series-key.ts";
import { english, type Message, say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import type { Found, Look, Source } from "./source.ts";

/** Pages are read this often for each that there is: half a request a second, however many. */
export const PAGE_EVERY_MS = 2_000;
/** Reading takes at most this share of a core: pages that cost more are read more seldom. */
const MOST_CPU = 0.01;
/** Reasons that are said of one source. */
const MOST_SAID = 5;

export interface Timed {
  source: Source;
  everyMs: number;
}

/** What somebody who watches wants of the deployment. */
export interface InsightOptions {
  /** Pages of coderd, all read at the same time. */
  pages: readonly Source[];
  /** Others that know of it, each at a rate of its own. */
  others?: readonly Timed[];
  /** The API, and how often. */
  api: Timed | undefined;
  /** Of the run's second that goes on. `place`: whom it is from. */
  take(place: string, values: Readonly<Record<string, Value>>): void;
  event(level: "info" | "warning", what: Message): void;
}

/** What looking has cost. */
export interface Cost {
  requests: number;
  bytes: number;
  cpuMs: number;
  ms: number;
}

/** Whose seconds the cost of looking are. */
const SELF = "insight";

/**
 * Looks at the deployment from within for as long as it is asked to. Whatever a source does, the run goes on: what is
 * not answered is not measured, and said once.
 */
export class Insight {
  readonly #options: InsightOptions;
  readonly #stop = new AbortController();
  readonly #begun = performance.now();
  readonly #said = new Map<Source, Set<string>>();
  readonly #silent = new Set<Source>();
  /** By the name of what was restarted. */
  readonly #restarts = new Map<string, number>();
  /** What pages have told: the API is not asked for it twice. */
  readonly #told = new Set<string>();
  #loops: Promise<void>[] = [];
  #requests = 0;
  #bytes = 0;
  #cpuMs = 0;
  #last = { requests: 0, cpuMs: 0, at: 0 };

  constructor(options: InsightOptions) {
    this.#options = options;
  }

  start(): void {
    const { pages, others = [], api } = this.#options;
    if (pages.length > 0)
      this.#loops.push(this.#every(PAGE_EVERY_MS * pages.length, () => this.#lookAtPages(pages)));
    for (const { source, everyMs } of others)
      this.#loops.push(this.#every(everyMs, () => this.#lookAtOther(source)));
    if (api) this.#loops.push(this.#every(api.everyMs, () => this.#lookAtApi(api.source)));
  }

  /** Ends all looking; what is under way is given up. Never rejects. */
  async end(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
    this.#loops = [];
    await Promise.all(this.#sources.map((one) => one.close().catch(() => undefined)));
  }

  get #sources(): Source[] {
    const { pages, others = [], api } = this.#options;
    return [...pages, ...others.map(({ source }) => source), ...(api ? [api.source] : [])];
  }

  get cost(): Cost {
    const ms = performance.now() - this.#begun;
    return { requests: this.#requests, bytes: this.#bytes, cpuMs: this.#cpuMs, ms };
  }

  /** What sources might have told and have not, up to now. */
  missing(): Message[] {
    return this.#sources.flatMap((one) => one.missing());
  }

  /** "looking at the deployment took 42 requests, …" */
  sayCost(): Message {
    return sayCost(this.cost);
  }

  /** Looks again and again, `everyMs` from begin to begin. Never rejects. */
  async #every(everyMs: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const [begun, cpuMs] = [performance.now(), this.#cpuMs];
      await work();
      const costs = (this.#cpuMs - cpuMs) / MOST_CPU;
      await pause(Math.max(everyMs, costs) - (performance.now() - begun), signal);
    }
  }

  /** All of one round are of one second: what several replicas do is added up. */
  async #lookAtPages(pages: readonly Source[]): Promise<void> {
    const looks = await Promise.all(pages.map((source) => this.#look(source)));
    if (this.#stop.signal.aborted) return;
    const shared = new Set<string>();
    for (const [at, found] of looks.entries()) {
      const source = pages[at];
      if (source) this.#file(source.name, found, shared);
    }
    this.#fileCost();
  }

  async #lookAtOther(source: Source): Promise<void> {
    const found = await this.#look(source);
    if (this.#stop.signal.aborted) return;
    if (found) this.#take(source.name, found, new Set());
    const shared = new Set<string>();
    for (const { name, answers, ...replica } of found?.replicas ?? [])
      this.#file(`coderd ${name}`, answers ? replica : undefined, shared);
    if (this.#options.pages.length === 0) this.#fileCost();
  }

  /** Of a process of coderd's; what is no such process has no `server_up`. `found`: undefined where it does not answer. */
  #file(name: string, found: Found | undefined, shared: Set<string>): void {
    const labels = { source: name.replace(/^coderd /, "") };
    if (found?.restarted) {
      this.#restarts.set(name, (this.#restarts.get(name) ?? 0) + 1);
      this.#options.event("warning", say("{0} was restarted", name));
    }
    this.#take(name, found ?? { values: {} }, shared, {
      [seriesKey("server_up", labels)]: look(found ? 1 : 0),
      ...(found ? { [seriesKey("server_restarts", labels)]: look(this.#restarts.get(name) ?? 0) } : {}),
    });
  }

  /** Of what all replicas tell alike, the first one's word is taken. */
  #take(name: string, found: Found, shared: Set<string>, more: Record<string, Value> = {}): void {
    const own = Object.entries(found.values).filter(([key]) => !shared.has(key));
    for (const key of found.shared ?? []) shared.add(key);
    for (const [key] of own) this.#told.add(key);
    this.#options.take(name, { ...Object.fromEntries(own), ...more });
  }

  async #lookAtApi(source: Source): Promise<void> {
    const found = await this.#look(source);
    if (!found || this.#stop.signal.aborted) return;
    const own = Object.entries(found.values).filter(([key]) => !this.#told.has(key));
    this.#options.take(source.name, Object.fromEntries(own));
    const { pages, others = [] } = this.#options;
    if (pages.length + others.length === 0) this.#fileCost();
  }

  #fileCost(): void {
    const { requests, cpuMs, ms } = this.cost;
    const elapsed = ms - this.#last.at;
    if (elapsed < 1_000) return;
    this.#options.take(SELF, {
      server_looks: look(((requests - this.#last.requests) * 1_000) / elapsed),
      server_look_cpu: look((cpuMs - this.#last.cpuMs) / elapsed),
    });
    this.#last = { requests, cpuMs, at: ms };
  }

  /** undefined where there is no answer: that is said once for each reason. */
  async #look(source: Source): Promise<Look | undefined> {
    const { signal } = this.#stop;
    try {
      const found = await unlessAborted(source.look(signal), signal);
      this.#requests += found.requests;
      this.#bytes += found.bytes;
      this.#cpuMs += found.cpuMs;
      if (this.#silent.delete(source)) this.#options.event("info", say("{0} answers again", source.name));
      return found;
    } catch (error) {
      if (signal.aborted) return undefined;
      this.#requests++;
      this.#silent.add(source);
      this.#sayOnce(source, saidOf(error));
      return undefined;
    }
  }

  #sayOnce(source: Source, why: Message): void {
    const said = this.#said.get(source) ?? new Set<string>();
    this.#said.set(source, said);
    if (said.size >= MOST_SAID || said.has(english(why))) return;
    said.add(english(why));
    this.#options.event("warning", say("{0}: {1}; the run goes on without its figures", source.name, why));
  }
}

function sayCost({ requests, bytes, cpuMs, ms }: Cost): Message {
  return say(
    "looking at the deployment took {0} requests, {1} a second, {2} MB; reading them, {3} % of a core",
    requests,
    round(ms > 0 ? (requests * 1_000) / ms : 0),
    round(bytes / 1e6),
    round(ms > 0 ? (cpuMs / ms) * 100 : 0),
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Resolves early where the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
