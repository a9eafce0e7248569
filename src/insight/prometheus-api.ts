import * as z from "zod";
import { PageReader, PageRefused, PageStatus } from "../coder/page.ts";
import type { Network } from "../protocol/target.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

const TIMEOUT_MS = 5_000;
/** A week takes longer than a moment. */
const RANGE_TIMEOUT_MS = 30_000;
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

const matrixSchema = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("matrix"),
    result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
});

/** A figure at a time, in Unix seconds. */
export interface QueriedPoint {
  at: number;
  value: number;
}

/** From the first point to the last, each so many seconds after the one before; Unix seconds of the server's clock. */
export interface Stretch {
  startS: number;
  endS: number;
  stepS: number;
}

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
  readonly #moment: PageReader;
  readonly #range: PageReader;

  constructor({ url, network, token }: PrometheusAddress) {
    const base = url.endsWith("/") ? url : `${url}/`;
    const page = (path: string) =>
      new PageReader({
        url: new URL(path, base).href,
        ...{ network, token, accept: "application/json", mostBytes: MOST_BYTES },
      });
    this.#moment = page("api/v1/query");
    this.#range = page("api/v1/query_range");
  }

  /** An instant query. `at`: Unix seconds of the server's clock; now, without. Rejects with one line. */
  async query(
    promql: string,
    at: number | undefined,
    signal: AbortSignal,
  ): Promise<{ samples: QueriedSample[]; bytes: number }> {
    const query = new URLSearchParams({ query: promql, ...(at === undefined ? {} : { time: String(at) }) });
    const { text, bytes } = await readWith(this.#moment, query, TIMEOUT_MS, signal);
    const { result } = answerIn(vectorSchema, text).data;
    return {
      samples: result.map(({ metric, value: [, value] }) => ({ labels: metric, value: numberOf(value) })),
      bytes,
    };
  }

  /** A query over a stretch of time: the points of all series, by time; those without a number are left out. */
  async range(
    promql: string,
    { startS, endS, stepS }: Stretch,
    signal: AbortSignal,
  ): Promise<QueriedPoint[]> {
    const query = new URLSearchParams({
      ...{ query: promql, start: String(startS), end: String(endS), step: String(stepS) },
    });
    const { text } = await readWith(this.#range, query, RANGE_TIMEOUT_MS, signal);
    const { result } = answerIn(matrixSchema, text).data;
    return result
      .flatMap(({ values }) => values.map(([at, value]) => ({ at, value: numberOf(value) })))
      .filter(({ value }) => Number.isFinite(value))
      .sort((one, other) => one.at - other.at);
  }

  async close(): Promise<void> {
    await Promise.all([this.#moment.close(), this.#range.close()]);
  }
}

async function readWith(
  page: PageReader,
  query: URLSearchParams,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ text: string; bytes: number }> {
  const parts: string[] = [];
  try {
    const bytes = await page.read((text) => parts.push(text), timeoutMs, signal, query);
    return { text: parts.join(""), bytes };
  } catch (error) {
    throw withAdvice(error);
  }
}

function answerIn<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) throw new SaidError(isNoPrometheus(say("its answer is none of the query API")));
  return parsed.data;
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
