/** Values of a metric's labels, by the label's name. */
export type Labels = Readonly<Record<string, string>>;

/** Of the labels of a step; what comes after that many is counted under `other`. */
export const MOST_SERIES = 200;
export const OTHER = "other";

/**
 * The text form of a series, the same for the same metric and labels whatever their order: `round_trip`, or
 * `ticks{outcome="lost"}`. It is the key of values in messages and on disk.
 */
export function seriesKey(metric: string, labels: Labels = {}): string {
  const names = Object.keys(labels).sort();
  if (names.length === 0) return metric;
  return `${metric}{${names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(",")}}`;
}

/** The parts of a key; undefined where the text is none. */
export function parseSeriesKey(key: string): { metric: string; labels: Labels } | undefined {
  const [, metric = "", inner] = /^([a-z][a-z0-9_]*)(?:\{(.*)\})?$/s.exec(key) ?? [];
  if (metric === "") return undefined;
  const labels: Record<string, string> = {};
  const pair = /([a-z][a-z0-9_]*)=("(?:[^"\\]|\\.)*")(?:,|$)/sy;
  while (inner !== undefined && pair.lastIndex < inner.length) {
    const [, name = "", text = ""] = pair.exec(inner) ?? [];
    if (name === "") return undefined;
    try {
      labels[name] = String(JSON.parse(text));
    } catch {
      return undefined;
    }
  }
  return { metric, labels };
}

/** True where the labels have all the wanted values. */
export function matches(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/**
 * Bounds the number of series of one step: a label that holds an id by mistake must not fill memory and disk. The
 * first so many keep their labels; all that come later share the series `other`, which is counted.
 */
export class SeriesLimit {
  readonly #known = new Set<string>();
  readonly #most: number;
  readonly #folded = new Set<string>();

  constructor(most = MOST_SERIES) {
    this.#most = most;
  }

  /** The key under which a series is kept. */
  keep(key: string): string {
    if (this.#known.has(key)) return key;
    if (this.#known.size < this.#most) {
      this.#known.add(key);
      return key;
    }
    const series = parseSeriesKey(key);
    if (!series || Object.keys(series.labels).length === 0) return key;
    // Counted up to a bound of its own, for the same reason.
    if (this.#folded.size < 100 * this.#most) this.#folded.add(key);
    const other = Object.fromEntries(Object.keys(series.labels).map((name) => [name, OTHER]));
    return seriesKey(series.metric, other);
  }

  /** Series that share `other`. */
  get folded(): number {
    return this.#folded.size;
  }
}
