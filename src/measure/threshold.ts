import { parseDuration } from "../protocol/duration.ts";
import { unitOf } from "../protocol/figure-unit.ts";
import { parseRate } from "../protocol/rate.ts";
import type { Labels } from "../protocol/series-key.ts";
import { type Message, say } from "../text/message.ts";
import { nearest } from "../text/nearest.ts";
import { SaidError } from "../text/said-error.ts";
import { type FigureUnit, figuresOf, type Metric } from "./metric.ts";

export type Comparison = "<" | "<=" | ">" | ">=";

/** `round_trip{step=terminals}.p95 < 200ms over 30s after 1m abort` */
export interface Threshold {
  /** As it is shown and compared: one form for all spellings of the same. */
  expression: string;
  metric: Metric;
  figure: string;
  labels: Labels;
  /** The step that it is about; undefined: all steps that have the metric. */
  step: string | undefined;
  /** Of a threshold of all steps: those that have the metric, where not all have it. */
  among?: readonly string[];
  unit: FigureUnit;
  comparison: Comparison;
  /** Milliseconds, a share of 1, bytes, or a number, as the unit has it. */
  limit: number;
  /** Milliseconds of a window that slides; undefined: the whole measured part. */
  overMs: number | undefined;
  /** Milliseconds at the beginning of the step's measured part that do not count. */
  afterMs: number;
  /** A broken one stops the run. */
  abort: boolean;
}

/** What is wrong with a text, and where in it. */
export class ThresholdError extends SaidError {
  override readonly name = "ThresholdError";
  /** In UTF-16 units from the text's begin. */
  readonly offset: number;
  readonly length: number;

  constructor(said: Message, offset: number, length: number) {
    super(said);
    this.offset = offset;
    this.length = length;
  }
}

interface Token {
  text: string;
  offset: number;
}

const TOKENS = /\s+|[a-zA-Z_][a-zA-Z0-9_-]*|\d[\wµ.%/]*|%|"(?:[^"\\]|\\.)*"|<=|>=|[<>{}=,.]|./gsu;
const EXAMPLE = say("write it like round_trip.p95 < 200ms or failures.rate < 1%");

/**
 * Reads a threshold against the metrics of a step, or of all steps of a scenario. Throws ThresholdError with one line
 * that says what would be right, and the place.
 */
export function parseThreshold(text: string, metrics: readonly Metric[]): Threshold {
  const reader = new Reader(text);
  const metric = readMetric(reader, metrics);
  const labels = reader.takes("{") ? readLabels(reader, metric) : {};
  reader.wants(".", EXAMPLE);
  const { figure, unit } = readFigure(reader, metric);
  const comparison = reader.next();
  if (comparison.text === "{")
    throw reader.error(
      say("the labels before the figure, like {0}", `${metric.name}{label=value}.${figure}`),
      comparison,
    );
  if (!["<", "<=", ">", ">="].includes(comparison.text))
    throw reader.error(say("a comparison: <, <=, > or >="), comparison);
  const limit = readLimit(reader, unit);
  const { overMs, afterMs, abort } = readConditions(reader);
  const { step, ...own } = labels;
  return {
    expression: expressionOf(metric.name, labels, figure, comparison.text, limit.text, {
      overMs: overMs?.text,
      afterMs: afterMs?.text,
      abort,
    }),
    metric,
    figure,
    labels: own,
    step,
    unit,
    comparison: comparison.text as Comparison,
    limit: limit.value,
    overMs: overMs?.value,
    afterMs: afterMs?.value ?? 0,
    abort,
  };
}

/** Walks through the tokens of a text. */
class Reader {
  readonly #tokens: Token[];
  readonly #end: Token;
  #at = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(TOKENS)]
      .map((match) => ({ text: match[0], offset: match.index }))
      .filter((token) => token.text.trim() !== "");
    this.#end = { text: "", offset: text.length };
  }

  peek(): Token {
    return this.#tokens[this.#at] ?? this.#end;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  takes(text: string): boolean {
    if (this.peek().text !== text) return false;
    this.#at++;
    return true;
  }

  wants(text: string, wanted: Message): void {
    const token = this.next();
    if (token.text !== text) throw this.error(wanted, token);
  }

  /** `wanted` is what should be there. */
  error(wanted: Message, { text, offset }: Token): ThresholdError {
    const found = text === "" ? say("the end") : `"${text}"`;
    return new ThresholdError(say("{0}, not {1}", wanted, found), offset, Math.max(1, text.length));
  }
}

function readMetric(reader: Reader, metrics: readonly Metric[]): Metric {
  const token = reader.next();
  const metric = metrics.find(({ name }) => name === token.text);
  if (metric) return metric;
  if (!/^[a-zA-Z_]/.test(token.text)) throw reader.error(EXAMPLE, token);
  throw reader.error(
    metricOf(
      token.text,
      metrics.map(({ name }) => name),
    ),
    token,
  );
}

/** Named at most, where none is near. */
const MOST_METRICS = 6;

/** What should be there: the metric that was probably meant, else the first of them, and where the others are listed. */
function metricOf(name: string, names: readonly string[]): Message {
  const near = nearest(name, names);
  if (near !== undefined) return say("a metric of this run (did you mean {0}?)", near);
  const shown = names.slice(0, MOST_METRICS).join(", ");
  const more = names.length - MOST_METRICS;
  return more > 0
    ? say("a metric of this run: {0} and {1} more (coder-scaletest COMMAND --help lists them)", shown, more)
    : say("a metric of this run: {0}", shown);
}

function readLabels(reader: Reader, metric: Metric): Record<string, string> {
  const labels: Record<string, string> = {};
  const known = ["step", ...metric.labels];
  do {
    const name = reader.next();
    if (!known.includes(name.text))
      throw reader.error(say("a label of {0}: {1}", metric.name, known.join(", ")), name);
    reader.wants("=", say("{0}=VALUE", name.text));
    const value = reader.next();
    if (!/^["\w]/.test(value.text)) throw reader.error(say("a value of {0}", name.text), value);
    labels[name.text] = value.text.startsWith('"') ? String(JSON.parse(value.text)) : value.text;
  } while (reader.takes(","));
  reader.wants("}", say("a comma or }"));
  return labels;
}

function readFigure(reader: Reader, metric: Metric): { figure: string; unit: FigureUnit } {
  const first = reader.next();
  let figure = first.text;
  // p99.9 is three tokens.
  if (/^p\d+$/.test(figure) && reader.takes(".")) figure += `.${reader.next().text}`;
  const unit = unitOf(metric, figure);
  if (unit !== undefined) return { figure, unit };
  throw reader.error(say("a figure of {0}: {1}", metric.name, figuresOf(metric).join(", ")), {
    ...first,
    text: figure,
  });
}

const LIMITS: Readonly<Record<FigureUnit, { rule: Message; parse(text: string): number | undefined }>> = {
  duration: { rule: say("the limit must be a duration such as 200ms or 3m"), parse: parseDuration },
  share: {
    rule: say("the limit must be a share such as 1%"),
    parse: (text) => (/^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) / 100 : undefined),
  },
  count: {
    rule: say("the limit must be a whole number"),
    parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  },
  per_second: {
    rule: say("the limit must be a number such as 12.5"),
    parse: (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined),
  },
  cores: {
    rule: say("the limit must be a number of cores such as 0.8"),
    parse: (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined),
  },
  bytes: { rule: say("the limit must be a size such as 40KB"), parse: (text) => parseRate(`${text}/s`) },
  bytes_per_second: { rule: say("the limit must be a rate such as 40KB/s"), parse: parseRate },
};

function readLimit(reader: Reader, unit: FigureUnit): { value: number; text: string } {
  const token = reader.next();
  const { rule, parse } = LIMITS[unit];
  const value = /^\d/.test(token.text) ? parse(token.text) : undefined;
  if (value !== undefined) return { value, text: token.text };
  // `200 ms` and `1 %` are how people write, too.
  const text = token.text + reader.peek().text;
  const spaced = /^\d/.test(token.text) ? parse(text) : undefined;
  if (spaced === undefined) throw reader.error(rule, token);
  reader.next();
  return { value: spaced, text };
}

interface Timed {
  value: number;
  text: string;
}

function readConditions(reader: Reader): { overMs?: Timed; afterMs?: Timed; abort: boolean } {
  const conditions: { overMs?: Timed; afterMs?: Timed; abort: boolean } = { abort: false };
  for (let token = reader.next(); token.text !== ""; token = reader.next()) {
    if (token.text === "over" && !conditions.overMs) conditions.overMs = readTime(reader, 1_000);
    else if (token.text === "after" && !conditions.afterMs) conditions.afterMs = readTime(reader, 0);
    else if (token.text === "abort" && !conditions.abort) conditions.abort = true;
    else throw reader.error(say("over TIME, after TIME, abort, or nothing more"), token);
  }
  return conditions;
}

function readTime(reader: Reader, leastMs: number): Timed {
  const token = reader.next();
  const value = parseDuration(token.text);
  if (value === undefined || value < leastMs)
    throw reader.error(
      leastMs > 0 ? say("a time of 1s or more, such as 30s") : say("a time such as 30s"),
      token,
    );
  return { value, text: token.text };
}

function expressionOf(
  metric: string,
  labels: Labels,
  figure: string,
  comparison: string,
  limit: string,
  conditions: { overMs: string | undefined; afterMs: string | undefined; abort: boolean },
): string {
  const names = Object.keys(labels).sort();
  const cut =
    names.length > 0 ? `{${names.map((name) => `${name}=${quoted(labels[name] ?? "")}`).join(",")}}` : "";
  const over = conditions.overMs ? ` over ${conditions.overMs}` : "";
  const after = conditions.afterMs ? ` after ${conditions.afterMs}` : "";
  return `${metric}${cut}.${figure}${comparison}${limit}${over}${after}${conditions.abort ? " abort" : ""}`;
}

function quoted(value: string): string {
  return /^\w[\w.-]*$/.test(value) ? value : JSON.stringify(value);
}

/**
 * Each threshold once, whatever its spelling: `failures.rate < 1%` and `failures.rate<1.0%` are the same. The first
 * spelling is kept. Throws ThresholdError as `parseThreshold` does.
 */
export function distinctThresholds(texts: readonly string[], metrics: readonly Metric[]): Threshold[] {
  return distinct(texts.map((text) => parseThreshold(text, metrics)));
}

/** Each meaning once, in its first spelling. */
export function distinct(thresholds: readonly Threshold[]): Threshold[] {
  const found = new Map<string, Threshold>();
  for (const threshold of thresholds) {
    const key = meaningOf(threshold);
    if (!found.has(key)) found.set(key, threshold);
  }
  return [...found.values()];
}

/** The same for all spellings of the same. */
export function meaningOf({ expression: _spelling, metric, ...meaning }: Threshold): string {
  return JSON.stringify([metric.name, meaning]);
}

/** Whether what a step measures counts for a threshold. */
export function isAbout({ step, among }: Pick<Threshold, "step" | "among">, name: string): boolean {
  return step === undefined ? (among?.includes(name) ?? true) : step === name;
}

/** Whether a figure keeps to the limit; one that is only known to be at least so much keeps to no upper limit. */
export function isMet(
  { comparison, limit }: Pick<Threshold, "comparison" | "limit">,
  { value, atLeast }: { value: number; atLeast?: boolean },
): boolean {
  switch (comparison) {
    case "<":
      return !atLeast && value < limit;
    case "<=":
      return !atLeast && value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
  }
}
