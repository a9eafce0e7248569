import { type Labels, parseSeriesKey, seriesKey } from "../protocol/series-key.ts";

/** Of the labels of a step; what comes after that many is counted under `other`. */
export const MOST_SERIES = 200;
export const OTHER = "other";

/** Keys come again every second: we parse each once. There are as many as a run's limit of series allows. */
const parsed = new Map<string, ReturnType<typeof parseSeriesKey>>();

export function seriesOf(key: string): ReturnType<typeof parseSeriesKey> {
  if (!parsed.has(key)) parsed.set(key, parseSeriesKey(key));
  return parsed.get(key);
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
