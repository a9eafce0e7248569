import type { User } from "../../coder/schemas.ts";
import type { ServerSources } from "../../contract/server-description.ts";
import { API_EVERY_MS, ApiSource, LOOKS } from "../../insight/api-source.ts";
import { sayFinding } from "../../insight/finding.ts";
import { Insight, PAGE_EVERY_MS } from "../../insight/insight.ts";
import type { KubernetesSource } from "../../insight/kubernetes/source.ts";
import {
  hasProcess,
  KUBERNETES_EVERY_MS,
  openSource,
  POSTGRES_EVERY_MS,
  pageNames,
} from "../../insight/open.ts";
import { formatDuration } from "../../protocol/duration.ts";
import type { ServerError } from "../../protocol/server-error.ts";
import type { ServerMetrics } from "../../protocol/server-source.ts";
import { say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import type { RunParts, StepRun } from "../steps/step.ts";
import { runsFor } from "../time.ts";
import { LOOKING } from "./api-meter.ts";

/** A server of Prometheus scrapes each minute where nobody has said otherwise. */
const SCRAPED_EVERY_S = 60;
const LOG_TIMEOUT_MS = 10_000;

/** How what a run reads is described. */
export function sourcesOf({ sources }: ServerMetrics): ServerSources {
  const pages = pageNames(sources);
  const hasPrometheus = sources.some(({ kind }) => kind === "prometheus-server");
  return {
    pages,
    hasProcess: sources.some(hasProcess),
    pagesEvery: hasPrometheus ? SCRAPED_EVERY_S : (PAGE_EVERY_MS * Math.max(1, pages.length)) / 1_000,
    ...(sources.some(({ kind }) => kind === "postgres") ? { postgresEvery: POSTGRES_EVERY_MS / 1_000 } : {}),
    ...(sources.some(({ kind }) => kind === "kubernetes") ? { podsEvery: KUBERNETES_EVERY_MS / 1_000 } : {}),
    jobsEvery: (apiEveryMs(sources) * LOOKS.jobs) / 1_000,
    daemonsEvery: (apiEveryMs(sources) * LOOKS.daemons) / 1_000,
    statsEvery: (apiEveryMs(sources) * LOOKS.stats) / 1_000,
  };
}

function apiEveryMs(sources: ServerMetrics["sources"]): number {
  return sources.some(hasProcess) ? API_EVERY_MS.besidePages : API_EVERY_MS.alone;
}

/** The deployment's own figures on the time of a run: from a while before the load to a while after it. */
export class ServerFigures {
  readonly #asked: ServerMetrics;
  readonly #run: RunParts;
  #insight: Insight | undefined;
  #clusters: KubernetesSource[] = [];
  /** What coderd has logged while the run went on; undefined before its end, and where nobody can read it. */
  errors: ServerError[] | undefined;

  constructor(asked: ServerMetrics, run: RunParts) {
    this.#asked = asked;
    this.#run = run;
  }

  /** Begins to look, and waits for a baseline. A run that is stopped meanwhile goes on at once. Never rejects. */
  async before({ organization_ids: [organization] }: User, steps: readonly StepRun[]): Promise<void> {
    const { client, measuring, log, warn } = this.#run;
    const { sources, aroundMs } = this.#asked;
    for (const step of steps) step.describe();
    const opened = await Promise.all(sources.map(openSource));
    this.#insight = new Insight({
      pages: opened.filter(({ everyMs }) => everyMs === 0).map(({ source }) => source),
      others: opened.filter(({ everyMs }) => everyMs > 0),
      api:
        organization === undefined
          ? undefined
          : {
              source: new ApiSource(client.as({ subject: LOOKING }), organization),
              everyMs: apiEveryMs(sources),
            },
      take: (place, values) => measuring.server(place, values, aroundMs),
      event: (level, what) => (level === "warning" ? warn(what) : log.event(level, what)),
    });
    this.#insight.start();
    this.#clusters = opened.flatMap(({ cluster }) => cluster ?? []);
    for (const cluster of this.#clusters) void this.#advise(cluster);
    await this.#wait(say("looking at the deployment for {0} before the load", formatDuration(aroundMs)));
  }

  /** Says once what of the cluster is otherwise than Coder advises. What cannot be read, the looks have said. */
  async #advise(source: KubernetesSource): Promise<void> {
    const { stop, warn } = this.#run;
    try {
      for (const finding of await source.advice(stop)) warn(sayFinding(finding));
    } catch {
      // It does not answer: the looks at it say so.
    }
  }

  /** Waits while the deployment recovers. Never rejects. */
  async after(): Promise<void> {
    await this.#wait(
      say("looking at the deployment for {0} after the load", formatDuration(this.#asked.aroundMs)),
    );
  }

  async #wait(what: ReturnType<typeof say>): Promise<void> {
    const { log, rest, stop } = this.#run;
    const { aroundMs } = this.#asked;
    if (!this.#insight || aroundMs === 0 || stop.aborted) return;
    log.event("info", what);
    await runsFor(aroundMs, rest, stop).catch(() => undefined);
  }

  async #readErrors(cluster: KubernetesSource): Promise<void> {
    const { measuring, secrets, warn } = this.#run;
    const { ms, startedAt } = measuring.clock;
    try {
      const found = await cluster.errors(ms, startedAt, AbortSignal.timeout(LOG_TIMEOUT_MS));
      const masked = found.map((one) => ({ ...one, text: secrets.hide(one.text) }));
      this.errors = [...(this.errors ?? []), ...masked];
    } catch (error) {
      warn(say("{0}: {1}; the run has none of coderd's error lines", cluster.name, saidOf(error)));
    }
  }

  /** Looks no more, and says what was missed and what looking has cost. Never rejects; harmless to repeat. */
  async end(): Promise<void> {
    const insight = this.#insight;
    this.#insight = undefined;
    if (!insight) return;
    for (const cluster of this.#clusters) await this.#readErrors(cluster);
    await insight.end();
    for (const missing of insight.missing()) this.#run.warn(missing);
    this.#run.log.event("info", insight.sayCost());
  }
}
