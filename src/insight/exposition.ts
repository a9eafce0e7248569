import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/**
 * Reads the Prometheus text format and OpenMetrics as they come, chunk by chunk: a page of a large deployment has
 * tens of megabytes, of which few lines are wanted. Nothing that a page holds can make it keep more than the bounds
 * below. (https://prometheus.io/docs/instrumenting/exposition_formats/)
 */

export interface ExposedSample {
  /** Name and labels as they stand there: the same series on the next page has the same. */
  series: string;
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
      const line = chunk.slice(from, end);
      this.#line(this.#rest === "" ? line : this.#rest + line);
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
    if (line.startsWith("#")) this.#comment(line);
    else if (line !== "") this.#sample(line);
  }

  #comment(line: string): void {
    if (line === "# EOF") this.#ended = true;
    if (this.#good > 0) return;
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

/** A name of other letters stands, in quotes, first among the labels. */
const QUOTED_NAME = /^\{\s*"((?:[^"\\]|\\.)*)"\s*(?=[,}])/;
const FIRST = /[A-Za-z_:]/;
const LABEL = /\s*(?:([A-Za-z_]\w*|"(?:[^"\\]|\\.)*")\s*=\s*)?"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;
const CLOSE = /\s*\}/y;

function nameOf(line: string): string | undefined {
  const end = endOfName(line);
  if (end > 0) {
    const next = line.charCodeAt(end);
    const isWhole = next === OPEN || next === SPACE || next === TAB;
    return isWhole && FIRST.test(line.charAt(0)) ? line.slice(0, end) : undefined;
  }
  const [, quoted] = QUOTED_NAME.exec(line) ?? [];
  return quoted === undefined ? undefined : unescaped(quoted);
}

const [OPEN, SPACE, TAB] = [0x7b, 0x20, 0x09];

/** Most lines of a page are not wanted: they are told by their names alone, letter by letter. */
function endOfName(line: string): number {
  let at = 0;
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at);
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
    if (!isLetter && !(code >= 48 && code <= 58) && code !== 95) break;
  }
  return at;
}

/** `name{label="value"} 1.5 1700000000000 # {trace="1"} 1`: what is behind the value is not taken. */
function parseSample(line: string): ExposedSample | undefined {
  const name = nameOf(line);
  if (name === undefined) return undefined;
  let at = line.charCodeAt(0) === OPEN ? 0 : endOfName(line);
  while (line.charCodeAt(at) === SPACE || line.charCodeAt(at) === TAB) at++;
  if (line.charCodeAt(at) !== OPEN) return sampleOf(name, name, {}, line.slice(at));
  const labels: Record<string, string> = {};
  at++;
  for (let n = 0; ; n++) {
    CLOSE.lastIndex = at;
    if (CLOSE.test(line))
      return sampleOf(line.slice(0, CLOSE.lastIndex), name, labels, line.slice(CLOSE.lastIndex));
    LABEL.lastIndex = at;
    const [, label, text = ""] = LABEL.exec(line) ?? [];
    // Without a label it is the name itself, which stands first.
    if (LABEL.lastIndex <= at || n >= MOST_LABELS || (label === undefined && n > 0)) return undefined;
    at = LABEL.lastIndex;
    if (label !== undefined) setLabel(labels, unquoted(label), unescaped(text));
  }
}

/** `__proto__` is a label like any other. */
function setLabel(labels: Record<string, string>, name: string, value: string): void {
  if (name === "__proto__") Object.defineProperty(labels, name, { value, enumerable: true });
  else labels[name] = value;
}

function sampleOf(
  series: string,
  name: string,
  labels: ExposedSample["labels"],
  behind: string,
): ExposedSample | undefined {
  const plain = behind.trim();
  const short = numberOf(plain);
  if (short !== undefined) return { series, name, labels, value: short };
  const exemplar = plain.indexOf("#");
  const told = exemplar > 0 ? plain.slice(0, exemplar).trim() : plain;
  const [text = "", time, ...more] = told.split(/\s+/);
  const value = numberOf(text);
  if (value === undefined || more.length > 0) return undefined;
  if (time !== undefined && numberOf(time) === undefined) return undefined;
  return { series, name, labels, value };
}

/** Each digit has one way to be read: a long number that is none is known for it at once. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

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
