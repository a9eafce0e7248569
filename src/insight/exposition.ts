import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/**
 * Reads the Prometheus text format and OpenMetrics as they come, chunk by chunk: a page of a large deployment has
 * tens of megabytes, of which few lines are wanted. Nothing that a page holds can make it keep more than the bounds
 * below. (https://prometheus.io/docs/instrumenting/exposition_formats/)
 */

export interface ExposedSample {
  name: string;
  labels: Readonly<Record<string, string>>;
  /** NaN and the infinities as they stand there. */
  value: number;
}

export interface Page {
  samples: readonly ExposedSample[];
  /** Lines that are none of the format; they are left out. */
  faulty: number;
  /** More was wanted than is kept: what came later is left out. */
  full: boolean;
}

/** A line is longer only where somebody means harm: coderd's longest are below 1 KB. */
const LONGEST_LINE = 16_384;
const MOST_SAMPLES = 100_000;
const MOST_LABELS = 64;

/** The page is no exposition. */
export class NoExposition extends SaidError {
  override readonly name = "NoExposition";
}

export class ExpositionReader {
  readonly #wanted: (name: string) => boolean;
  readonly #samples: ExposedSample[] = [];
  #rest = "";
  /** What goes on is a line that is too long: it is left out up to its end. */
  #skipping = false;
  #good = 0;
  #faulty = 0;
  #full = false;
  #ended = false;

  /** `wanted`: by the name of a series, as it stands in its line. */
  constructor(wanted: (name: string) => boolean = () => true) {
    this.#wanted = wanted;
  }

  push(chunk: string): void {
    let from = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
      this.#line(this.#rest + chunk.slice(from, end));
      this.#rest = "";
      from = end + 1;
    }
    this.#rest += chunk.slice(from);
    if (this.#rest.length <= LONGEST_LINE) return;
    if (!this.#skipping) this.#faulty++;
    this.#skipping = true;
    this.#rest = "";
  }

  /** Throws NoExposition, one line, where nothing of the page is of the format. */
  end(): Page {
    if (this.#rest !== "" || this.#skipping) this.#line(this.#rest);
    this.#rest = "";
    if (this.#good === 0)
      throw new NoExposition(
        this.#faulty > 0
          ? say("the page is no Prometheus exposition: is this the address of the metrics?")
          : say("the page is empty"),
      );
    return { samples: this.#samples, faulty: this.#faulty, full: this.#full };
  }

  #line(raw: string): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    if (this.#ended) return;
    if (raw.length > LONGEST_LINE) {
      this.#faulty++;
      return;
    }
    const line = raw.trim();
    if (line === "") return;
    if (line.startsWith("#")) this.#comment(line);
    else this.#sample(line);
  }

  #comment(line: string): void {
    if (line === "# EOF") this.#ended = true;
    // Of a server that has measured nothing yet, this is all there is.
    if (line === "# EOF" || /^#\s+(?:TYPE|HELP|UNIT)\s+\S/.test(line)) this.#good++;
  }

  #sample(line: string): void {
    const name = nameOf(line);
    if (name === undefined) {
      this.#faulty++;
      return;
    }
    const isWanted = this.#wanted(name);
    // What is not wanted is not read, once it is known that the page is an exposition.
    if (!isWanted && this.#good > 0) return;
    const sample = parseSample(line);
    if (!sample) {
      this.#faulty++;
      return;
    }
    this.#good++;
    if (!isWanted) return;
    if (this.#samples.length < MOST_SAMPLES) this.#samples.push(sample);
    else this.#full = true;
  }
}

/** A whole page at once. Throws NoExposition. */
export function readExposition(text: string, wanted?: (name: string) => boolean): Page {
  const reader = new ExpositionReader(wanted);
  reader.push(text);
  return reader.end();
}

const NAME = /^[A-Za-z_:][\w:]*/;
/** A name of other letters stands, in quotes, first among the labels. */
const QUOTED_NAME = /^\{\s*"((?:[^"\\]|\\.)*)"\s*(?=[,}])/;

function nameOf(line: string): string | undefined {
  const [plain] = NAME.exec(line) ?? [];
  if (plain !== undefined) return /^[\s{]/.test(line.slice(plain.length)) ? plain : undefined;
  const [, quoted] = QUOTED_NAME.exec(line) ?? [];
  return quoted === undefined ? undefined : unescaped(quoted);
}

/** `name{label="value"} 1.5 1700000000000 # {trace="1"} 1`: what is behind the value is not taken. */
function parseSample(line: string): ExposedSample | undefined {
  const name = nameOf(line);
  if (name === undefined) return undefined;
  const open = line.startsWith("{") ? 0 : name.length;
  const behind = line.slice(open).trimStart();
  if (!behind.startsWith("{")) return sampleOf(name, {}, behind);
  const labels: Record<string, string> = Object.create(null);
  const pair = /\s*(?:([A-Za-z_]\w*|"(?:[^"\\]|\\.)*")\s*=\s*)?"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;
  pair.lastIndex = 1;
  for (let n = 0; !/^\s*\}/.test(behind.slice(pair.lastIndex, pair.lastIndex + 8)); n++) {
    const at = pair.lastIndex;
    const [, label, text = ""] = pair.exec(behind) ?? [];
    // Without a label it is the name itself, which stands first.
    if (pair.lastIndex <= at || n >= MOST_LABELS || (label === undefined && n > 0)) return undefined;
    if (label !== undefined) labels[unquoted(label)] = unescaped(text);
  }
  const close = behind.indexOf("}", pair.lastIndex);
  return sampleOf(name, { ...labels }, behind.slice(close + 1));
}

function sampleOf(name: string, labels: ExposedSample["labels"], behind: string): ExposedSample | undefined {
  const [text = "", time, ...more] =
    behind
      .trim()
      .split(/\s+#\s/, 1)[0]
      ?.split(/\s+/) ?? [];
  const value = numberOf(text);
  if (value === undefined || more.length > 0) return undefined;
  if (time !== undefined && numberOf(time) === undefined) return undefined;
  return { name, labels, value };
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case "nan":
      return Number.NaN;
    case "inf":
    case "+inf":
    case "infinity":
    case "+infinity":
      return Number.POSITIVE_INFINITY;
    case "-inf":
    case "-infinity":
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

function unquoted(label: string): string {
  return label.startsWith('"') ? unescaped(label.slice(1, -1)) : label;
}

function unescaped(text: string): string {
  return text.includes("\\")
    ? text.replace(/\\(.)/g, (whole, letter: string) =>
        letter === "n" ? "\n" : letter === "\\" || letter === '"' ? letter : whole,
      )
    : text;
}
