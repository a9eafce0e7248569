export type Labels = Record<string, string>;

/** Series by workspace come and go with the workspaces. */
const MOST_SERIES = 20_000;

/** One line of the exposition format. */
export function line(name: string, labels: Labels, value: number): string {
  const inside = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  const number = Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
  return `${name}${inside.length ? `{${inside.join(",")}}` : ""} ${number}`;
}

function escapeLabel(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}

export function header(name: string, type: "counter" | "gauge" | "histogram", help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** A number for each set of labels; a counter only grows, a gauge may fall. */
export class Numbers {
  readonly name: string;
  readonly #type: "counter" | "gauge";
  readonly #help: string;
  readonly #values = new Map<string, { labels: Labels; value: number }>();

  constructor(name: string, type: "counter" | "gauge", help: string) {
    this.name = name;
    this.#type = type;
    this.#help = help;
  }

  add(labels: Labels, amount = 1): void {
    const key = Object.values(labels).join("\u0000");
    const known = this.#values.get(key);
    if (known) known.value += amount;
    else this.#values.set(key, { labels, value: amount });
    const [oldest] = this.#values.keys();
    if (this.#values.size > MOST_SERIES && oldest !== undefined) this.#values.delete(oldest);
  }

  expose(): string[] {
    if (!this.#values.size) return [];
    const lines = [...this.#values.values()].map(({ labels, value }) => line(this.name, labels, value));
    return [...header(this.name, this.#type, this.#help), ...lines];
  }
}

interface Series {
  labels: Labels;
  counts: number[];
  sum: number;
  count: number;
}

/** A histogram with fixed upper bounds, in seconds. */
export class Histogram {
  readonly name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.#help = help;
    this.#bounds = bounds;
  }

  observe(labels: Labels, seconds: number): void {
    const key = Object.values(labels).join("\u0000");
    let series = this.#series.get(key);
    if (!series) {
      series = { labels, counts: this.#bounds.map(() => 0), sum: 0, count: 0 };
      this.#series.set(key, series);
    }
    const bucket = this.#bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += seconds;
    series.count++;
  }

  expose(): string[] {
    if (!this.#series.size) return [];
    const lines = [...this.#series.values()].flatMap((series) => this.#lines(series));
    return [...header(this.name, "histogram", this.#help), ...lines];
  }

  #lines({ labels, counts, sum, count }: Series): string[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, at) => {
      below += counts[at] ?? 0;
      return line(`${this.name}_bucket`, { ...labels, le: String(bound) }, below);
    });
    return [
      ...buckets,
      line(`${this.name}_bucket`, { ...labels, le: "+Inf" }, count),
      line(`${this.name}_sum`, labels, sum),
      line(`${this.name}_count`, labels, count),
    ];
  }
}
