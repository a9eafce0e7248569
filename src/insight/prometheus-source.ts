import type { PrometheusServer } from "../protocol/server-source.ts";
import { type Message, ofWords, say, sayCount } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { busyMs, sourceName } from "./coderd-source.ts";
import type { ExposedSample } from "./exposition.ts";
import { LABELS_READ, NAMES, wantedNames } from "./names.ts";
import { oneOf, PrometheusApi, type QueriedSample, selectorText } from "./prometheus-api.ts";
import { Readings } from "./readings.ts";
import type { Look, Replica, Source } from "./source.ts";

/** From look to look; a Prometheus server scrapes more seldom than that as a rule, and is asked for no more. */
export const PROMETHEUS_EVERY_MS = 4_000;
/** Replicas that are read. Coder advises fewer than ten. */
const MOST_REPLICAS = 32;
/** A replica that was not scraped for so long, and others were, is no more: Prometheus remembers it for five minutes. */
const GONE_AFTER_S = 150;

/** Series of coderd's that are few, and there from its start or its first request on. */
const ALWAYS = [
  "coderd_api_total_user_count",
  "coderd_api_active_users_duration_hour",
  "coderd_api_concurrent_requests",
];
/** What tells one scraped process from another; `pod` and `namespace` where Kubernetes gives them. */
const TARGET = ["job", "instance", "namespace", "pod"] as const;

interface Scraped {
  key: string;
  labels: Readonly<Record<string, string>>;
  name: string;
  /** When, in Unix seconds of the server's clock. */
  at: number;
}

/**
 * What a Prometheus server has scraped of coderd. Raw figures are asked for, at the time of the newest scrape, and are
 * read as a page of coderd's is: so both mean the same. All replicas are taken of one round of scrapes.
 */
export class PrometheusSource implements Source {
  readonly name: string;
  readonly #api: PrometheusApi;
  readonly #selector: PrometheusServer["selector"];
  /** By the target's labels. */
  readonly #readings = new Map<string, { name: string; at: number; readings: Readings }>();
  #everyS: number | undefined;
  #hidden = 0;

  constructor(server: PrometheusServer) {
    this.name = `Prometheus ${sourceName(server.url)}`;
    this.#api = new PrometheusApi(server);
    this.#selector = server.selector;
  }

  async look(signal: AbortSignal): Promise<Look> {
    const cost = new Cost();
    const scraped = await this.#scraped(undefined, cost, signal);
    const isFirst = this.#readings.size === 0;
    if (scraped.length === 0 && isFirst) throw await this.#nothing(cost, signal);
    if (isFirst) await this.#before(scraped, cost, signal);
    const replicas = this.#isNew(scraped) ? await this.#read(scraped, cost, signal) : this.#still(scraped);
    return { values: {}, replicas, ...cost.spent };
  }

  /** The scrapes before the newest: with them the first look has rates, too. */
  async #before(newest: readonly Scraped[], cost: Cost, signal: AbortSignal): Promise<void> {
    const until = Math.min(...newest.map(({ at }) => at)) - 0.001;
    const scraped = await this.#scraped(until, cost, signal);
    if (scraped.length === 0) return;
    await this.#read(scraped, cost, signal);
    const [one] = newest;
    const earlier = scraped.find(({ key }) => key === one?.key);
    if (one && earlier) this.#everyS = one.at - earlier.at;
  }

  /** When each replica was scraped last. Rejects where it cannot be told which of several jobs is meant. */
  async #scraped(until: number | undefined, cost: Cost, signal: AbortSignal): Promise<Scraped[]> {
    const times = ALWAYS.map((name) => `timestamp(${name}${selectorText(this.#selector)})`);
    const query = `max by (${TARGET.join(", ")}) (${times.join(" or ")})`;
    const samples = cost.of(await this.#api.query(query, until, signal));
    const all = samples.filter(({ value }) => Number.isFinite(value)).map(scrapedOf);
    const jobs = [...new Set(all.map(({ labels }) => labels.job ?? ""))];
    if (jobs.length > 1)
      throw new SaidError(
        say("the jobs {0} all have series of coderd, which would count twice: name one, as job", list(jobs)),
      );
    const newest = Math.max(...all.map(({ at }) => at));
    const live = all.filter(({ at }) => at > newest - GONE_AFTER_S).sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#hidden = Math.max(0, live.length - MOST_REPLICAS);
    return live.slice(0, MOST_REPLICAS);
  }

  /** Targets are scraped one after another: what they do is added up, so a round is read when it is complete. */
  #isNew(scraped: readonly Scraped[]): boolean {
    return scraped.length > 0 && scraped.every(({ key, at }) => at > (this.#readings.get(key)?.at ?? 0));
  }

  async #read(scraped: readonly Scraped[], cost: Cost, signal: AbortSignal): Promise<Replica[]> {
    const at = Math.max(...scraped.map((one) => one.at));
    const of = [
      oneOf("__name__", wantedNames()),
      oneOf(
        "instance",
        scraped.map(({ labels }) => labels.instance ?? ""),
      ),
    ];
    const by = ["__name__", ...TARGET, ...LABELS_READ].join(", ");
    const query = `sum by (${by}) (${selectorText(this.#selector, of)})`;
    const samples = cost.of(await this.#api.query(query, at, signal));
    return cost.timed(() => {
      const lines = linesByTarget(samples);
      return this.#withGone(
        scraped,
        scraped.map((one) => this.#take(one, lines.get(one.key) ?? [])),
      );
    });
  }

  #take({ key, name, at }: Scraped, samples: ExposedSample[]): Replica {
    const known = this.#readings.get(key);
    const { readings } = known ?? { readings: new Readings(name) };
    if (known) this.#everyS = at - known.at;
    this.#readings.set(key, { name, at, readings });
    return { name, answers: true, ...readings.take({ samples }, at * 1_000) };
  }

  /** There is nothing new of them. */
  #still(scraped: readonly Scraped[]): Replica[] {
    return this.#withGone(
      scraped,
      scraped.map(({ name }) => ({ name, answers: true, values: {} })),
    );
  }

  /** Those that were there, and are not any more. */
  #withGone(scraped: readonly Scraped[], replicas: Replica[]): Replica[] {
    const live = new Set(scraped.map(({ key }) => key));
    const gone = [...this.#readings].filter(([key]) => !live.has(key));
    return [...replicas, ...gone.map(([, { name }]) => ({ name, answers: false, values: {} }))];
  }

  /** Why there are no series: what is there instead helps most. */
  async #nothing(cost: Cost, signal: AbortSignal): Promise<SaidError> {
    const asked = selectorText(this.#selector);
    if (Object.keys(this.#selector).length === 0)
      return new SaidError(say("it has no series of coderd: it does not scrape it, or coderd is gone"));
    const samples = cost.of(
      await this.#api.query(`group by (job, namespace) (${ALWAYS.join(" or ")})`, undefined, signal),
    );
    const others = samples.map(({ labels }) =>
      selectorText(Object.fromEntries(["namespace", "job"].flatMap((one) => pairOf(labels, one)))),
    );
    return new SaidError(
      others.length > 0
        ? say("it has no series of coderd for {0}; it has some for {1}", asked, list(others))
        : say("it has no series of coderd for {0}, nor for any other labels", asked),
    );
  }

  found(): Message | undefined {
    const replicas = sayCount(this.#readings.size, {
      one: "{0} replica of coderd",
      other: "{0} replicas of coderd",
    });
    return this.#everyS === undefined
      ? replicas
      : say("{0}, scraped every {1} s", replicas, Math.round(this.#everyS));
  }

  missing(): Message[] {
    const all = [...this.#readings.values()].map(({ readings }) => readings);
    if (all.length === 0) return [];
    const missed = NAMES.flatMap(({ metric, missed }) =>
      missed && !all.some(({ seen }) => seen.has(metric)) ? missed : [],
    );
    const more =
      this.#hidden > 0 ? [say("{0} has {1} more replicas, which are not read", this.name, this.#hidden)] : [];
    return [
      ...missed.map(({ text }) => say("{0} has reported nothing about {1}", this.name, ofWords(text))),
      ...more,
    ];
  }

  close(): Promise<void> {
    return this.#api.close();
  }
}

class Cost {
  #requests = 0;
  #bytes = 0;
  #cpuMs = 0;

  of({ samples, bytes }: { samples: QueriedSample[]; bytes: number }): QueriedSample[] {
    this.#requests++;
    this.#bytes += bytes;
    return samples;
  }

  timed<T>(work: () => T): T {
    const begun = busyMs();
    const done = work();
    this.#cpuMs += busyMs() - begun;
    return done;
  }

  get spent(): Pick<Look, "requests" | "bytes" | "cpuMs"> {
    return { requests: this.#requests, bytes: this.#bytes, cpuMs: this.#cpuMs };
  }
}

function scrapedOf({ labels, value }: QueriedSample): Scraped {
  return { key: targetKey(labels), labels, name: labels.pod || labels.instance || "coderd", at: value };
}

function targetKey(labels: Readonly<Record<string, string>>): string {
  return TARGET.map((label) => labels[label] ?? "").join("\n");
}

function linesByTarget(samples: readonly QueriedSample[]): Map<string, ExposedSample[]> {
  const lines = new Map<string, ExposedSample[]>();
  for (const { labels, value } of samples) {
    const { __name__: name = "" } = labels;
    const own = Object.fromEntries(LABELS_READ.flatMap((label) => pairOf(labels, label)));
    const line = { series: `${name}${JSON.stringify(own)}`, name, labels: own, value };
    const key = targetKey(labels);
    const known = lines.get(key);
    if (known) known.push(line);
    else lines.set(key, [line]);
  }
  return lines;
}

function pairOf(labels: Readonly<Record<string, string>>, label: string): [string, string][] {
  const value = labels[label];
  return value === undefined || value === "" ? [] : [[label, value]];
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => name.slice(0, 100));
  return names.length > 5 ? `${shown.join(", ")}, …` : shown.join(", ");
}
