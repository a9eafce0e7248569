import { SeriesLimit } from "../measure/series.ts";
import { addValues, look, type Sparse, type Value } from "../measure/values.ts";
import { seriesKey } from "../protocol/series-key.ts";
import type { ExposedSample, Page } from "./exposition.ts";
import { type Entry, NAMES, STARTED_AT } from "./names.ts";

/** What one look at a source has found. */
export interface Reading {
  values: Record<string, Value>;
  /** Those of them that every replica tells alike. */
  shared: Set<string>;
  /** The source has begun anew since the last look: its counters did, too. */
  restarted: boolean;
}

/** Values of one metric are of so many series at most, and of one that is all others. */
const MOST_OF_A_METRIC = 20;
/** Lines whose series are remembered: more come of a page that is made to be large. */
const MOST_KEYS = 50_000;
/** Points that stand for the observations of one bucket. */
const POINTS = 8;

type Series = ReadonlyMap<string, ExposedSample[]>;

/** Makes values of the pages of one source: what grows is told by how it has grown since the page before. */
export class Readings {
  readonly #source: string;
  readonly #limits = new Map<string, SeriesLimit>();
  readonly #keys = new Map<Entry, Map<string, string | undefined>>();
  /** By the line's own name and labels. */
  #before: Map<string, number> | undefined;
  #now = new Map<string, number>();
  #at = 0;
  #startedAt: number | undefined;
  /** Metrics that a page has had something of. */
  readonly seen = new Set<string>();

  /** `source`: what the source is called in labels. */
  constructor(source: string) {
    this.#source = source;
  }

  /** `at`: milliseconds of a clock that nobody sets, when the page was made. */
  take({ samples }: Pick<Page, "samples">, at: number): Reading {
    const series = byName(samples);
    const restarted = this.#hasRestarted(series);
    if (restarted) this.#before = new Map();
    this.#now = new Map();
    const seconds = (at - this.#at) / 1_000;
    const values: Record<string, Value> = {};
    const shared = new Set<string>();
    for (const entry of NAMES) {
      const own: Record<string, Value> = {};
      this.#add(own, entry, series, seconds);
      for (const [key, value] of Object.entries(own)) {
        const known = values[key];
        values[key] = known ? addValues(known, value) : value;
        if (entry.shared) shared.add(key);
      }
    }
    this.#before = this.#now;
    this.#at = at;
    return { values, shared, restarted };
  }

  #hasRestarted(series: Series): boolean {
    const startedAt = series.get(STARTED_AT)?.[0]?.value;
    const before = this.#startedAt;
    if (startedAt !== undefined && Number.isFinite(startedAt)) this.#startedAt = startedAt;
    // By the second: some versions compute it anew.
    return before !== undefined && startedAt !== undefined && startedAt - before > 1;
  }

  #add(values: Record<string, Value>, entry: Entry, series: Series, seconds: number): void {
    const suffix = entry.way === "histogram" ? "_bucket" : "";
    const found = entry.names.findIndex((name) => series.has(name + suffix));
    if (found < 0) return;
    this.seen.add(entry.metric);
    const lines = series.get((entry.names[found] ?? "") + suffix) ?? [];
    if (entry.way === "mean") this.#mean(values, entry, lines, series.get(entry.counts?.[found] ?? "") ?? []);
    else this.#grouped(values, entry, lines, seconds);
  }

  /**
   * The lines of each of our series together. Only what has a value takes one of the few places of its metric: of all
   * routes that a server has, most stand still.
   */
  #grouped(
    values: Record<string, Value>,
    entry: Entry,
    lines: readonly ExposedSample[],
    seconds: number,
  ): void {
    const groups = new Map<string, ExposedSample[]>();
    for (const line of lines) {
      const key = this.#keyOf(entry, line);
      if (key === undefined) continue;
      const group = groups.get(key);
      if (group) group.push(line);
      else groups.set(key, [line]);
    }
    for (const [key, of] of groups) {
      const value = this.#valueOf(entry, of, seconds);
      if (!value) continue;
      const at = this.#limitOf(entry.metric).keep(key);
      const known = values[at];
      values[at] = known ? addValues(known, value) : value;
    }
  }

  /** Of our series; undefined: the line is not taken. Lines come again on every page: each is looked at once. */
  #keyOf(entry: Entry, line: ExposedSample): string | undefined {
    const keys = this.#keys.get(entry) ?? new Map<string, string | undefined>();
    this.#keys.set(entry, keys);
    if (keys.has(line.series)) return keys.get(line.series);
    if (keys.size >= MOST_KEYS) keys.clear();
    const labels = entry.labels ? entry.labels(line.labels) : this.#ofSource(entry.metric);
    const key = labels && seriesKey(entry.metric, labels);
    keys.set(line.series, key);
    return key;
  }

  #ofSource(metric: string): Record<string, string> {
    return OF_A_SOURCE.has(metric) ? { source: this.#source } : {};
  }

  #limitOf(metric: string): SeriesLimit {
    const known = this.#limits.get(metric) ?? new SeriesLimit(MOST_OF_A_METRIC);
    this.#limits.set(metric, known);
    return known;
  }

  #valueOf({ way, factor = 1 }: Entry, lines: readonly ExposedSample[], seconds: number): Value | undefined {
    if (way === "histogram") return this.#durations(lines);
    return way === "gauge" ? gaugeOf(lines, factor) : this.#rate(lines, seconds, factor);
  }

  #rate(lines: readonly ExposedSample[], seconds: number, factor: number): Value | undefined {
    const grown = this.#growth(lines);
    return grown === undefined || seconds <= 0 ? undefined : look((grown / seconds) * factor);
  }

  /** Nothing where nothing was waited for: a mean of none is no zero. */
  #mean(
    values: Record<string, Value>,
    { metric, factor = 1 }: Entry,
    sums: readonly ExposedSample[],
    counts: readonly ExposedSample[],
  ): void {
    const sum = this.#growth(sums);
    const count = this.#growth(counts);
    if (sum !== undefined && count !== undefined && count > 0)
      values[seriesKey(metric)] = look((sum / count) * factor);
  }

  /** How much lines have grown together; undefined on the first page, and where none of them is a number. */
  #growth(lines: readonly ExposedSample[]): number | undefined {
    let sum: number | undefined;
    for (const line of lines) {
      const grown = this.#grownBy(line);
      if (grown !== undefined) sum = (sum ?? 0) + grown;
    }
    return sum;
  }

  /**
   * A line that was not on the page before has begun at 0, as coderd makes one when it first counts; one that has
   * fallen has begun anew.
   */
  #grownBy({ series, value }: ExposedSample): number | undefined {
    if (!Number.isFinite(value) || value < 0) return undefined;
    this.#now.set(series, value);
    if (!this.#before) return undefined;
    const before = this.#before.get(series) ?? 0;
    return value >= before ? value - before : value;
  }

  /** Observations since the page before, spread evenly in their buckets, as Prometheus' own quantiles have them. */
  #durations(lines: readonly ExposedSample[]): Value | undefined {
    const grown = new Map<number, number>();
    for (const line of lines) {
      const bound = boundOf(line.labels.le);
      const by = bound === undefined ? undefined : this.#grownBy(line);
      if (bound !== undefined && by !== undefined) grown.set(bound, (grown.get(bound) ?? 0) + by);
    }
    const ended = spread([...grown].sort(([a], [b]) => a - b));
    return ended.us.length > 0 ? { kind: "duration", ended } : undefined;
  }
}

/** They are one process's: several replicas are told apart. */
const OF_A_SOURCE: ReadonlySet<string> = new Set([
  "server_cpu",
  "server_cores",
  "server_memory",
  "server_goroutines",
  "server_gc",
]);

function byName(samples: readonly ExposedSample[]): Map<string, ExposedSample[]> {
  const found = new Map<string, ExposedSample[]>();
  for (const sample of samples) {
    const known = found.get(sample.name);
    if (known) known.push(sample);
    else found.set(sample.name, [sample]);
  }
  return found;
}

function gaugeOf(lines: readonly ExposedSample[], factor: number): Value | undefined {
  const numbers = lines.map(({ value }) => value).filter(Number.isFinite);
  return numbers.length > 0 ? look(numbers.reduce((sum, one) => sum + one, 0) * factor) : undefined;
}

function boundOf(le: string | undefined): number | undefined {
  if (le === "+Inf" || le === "Inf") return Number.POSITIVE_INFINITY;
  const bound = le === undefined || le === "" ? Number.NaN : Number(le);
  return Number.isFinite(bound) ? bound : undefined;
}

/** `upTo`: so many up to each bound, in seconds, the lowest first. What is above the last bound counts as that. */
function spread(upTo: readonly (readonly [number, number])[]): Sparse {
  const us: number[] = [];
  const counts: number[] = [];
  let [from, below] = [0, 0];
  for (const [bound, count] of upTo) {
    const n = Math.round(count - below);
    const to = Number.isFinite(bound) ? bound : from;
    const points = Math.min(POINTS, n);
    for (let point = 0; point < points; point++) {
      us.push(Math.round((from + ((to - from) * (point + 0.5)) / points) * 1e6));
      counts.push(Math.floor(((point + 1) * n) / points) - Math.floor((point * n) / points));
    }
    [from, below] = [Math.max(from, to), Math.max(below, count)];
  }
  return { us, counts };
}
