/** Values of a metric's labels, by the label's name. */
export type Labels = Readonly<Record<string, string>>;

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
