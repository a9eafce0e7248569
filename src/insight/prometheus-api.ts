import * as z from "zod";
import { PageReader, PageRefused, PageStatus } from "../coder/page.ts";
import type { Network } from "../protocol/target.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

const TIMEOUT_MS = 5_000;
/** About 60,000 series: more than several replicas have of what is read. */
const MOST_BYTES = 16 * 1024 * 1024;

/** https://prometheus.io/docs/prometheus/latest/querying/api/: numbers are texts, for what JSON has no number. */
const vectorSchema = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

export interface QueriedSample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Matchers of labels; a value that begins with `~` is a regular expression. */
export type Selector = Readonly<Record<string, string>>;

/** As PromQL writes it: `{namespace="coder", pod=~"coder-.*"}`. `more`: matchers in that spelling. */
export function selectorText(selector: Selector, more: readonly string[] = []): string {
  const own = Object.entries(selector).map(([label, value]) =>
    value.startsWith("~") ? `${label}=~${quoted(value.slice(1))}` : `${label}=${quoted(value)}`,
  );
  return `{${[...more, ...own].join(", ")}}`;
}

/** A text of PromQL; JSON's escapes are among its own. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A matcher of one of these values, as they stand. */
export function oneOf(label: string, values: Iterable<string>): string {
  const exact = [...new Set(values)].map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return `${label}=~${quoted(exact.join("|"))}`;
}

export interface PrometheusAddress {
  /** Of the server itself, with the path that it may have; without `/api/v1`. */
  url: string;
  network: Network;
  token?: string | undefined;
}

/** The query API of a Prometheus server, or of what speaks like one. GET requests, bounded, to one origin. */
export class PrometheusApi {
  readonly #page: PageReader;

  constructor({ url, network, token }: PrometheusAddress) {
    const base = url.endsWith("/") ? url : `${url}/`;
    this.#page = new PageReader({
      url: new URL("api/v1/query", base).href,
      network,
      token,
      accept: "application/json",
      mostBytes: MOST_BYTES,
    });
  }

  /** An instant query. `at`: Unix seconds of the server's clock; now, without. Rejects with one line. */
  async query(
    promql: string,
    at: number | undefined,
    signal: AbortSignal,
  ): Promise<{ samples: QueriedSample[]; bytes: number }> {
    const parts: string[] = [];
    const query = new URLSearchParams({ query: promql, ...(at === undefined ? {} : { time: String(at) }) });
    let bytes = 0;
    try {
      bytes = await this.#page.read((text) => parts.push(text), TIMEOUT_MS, signal, query);
    } catch (error) {
      throw withAdvice(error);
    }
    return { samples: samplesIn(parts.join("")), bytes };
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}

function samplesIn(text: string): QueriedSample[] {
  const parsed = vectorSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw new SaidError(isNoPrometheus(say("its answer is none of the query API")));
  return parsed.data.data.result.map(({ metric, value: [, value] }) => ({
    labels: metric,
    value: numberOf(value),
  }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function numberOf(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

function isNoPrometheus(what: Message): Message {
  return say("{0}: is this the address of a Prometheus server?", what);
}

/** There is no such path on what is no Prometheus server, or on one that has it elsewhere. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof PageStatus) || error instanceof PageRefused) return error;
  const { status, said } = error;
  if (status === 404 || status === 405) return new SaidError(isNoPrometheus(said));
  if (status === 422 || status === 503)
    return new SaidError(say("{0}: it gave up the query, which may be too much for it", said));
  return status === 400
    ? new SaidError(say("{0}: a regular expression of a label may be wrong", said))
    : error;
}
