/** Lines of a log, from `from` up to, not including, `until`. */
export interface LogBlock {
  from: number;
  until: number;
}

/** A stage before the line, colours of a terminal, and the frame that terraform draws around an error. */
const DECORATION = /^(?:\[[^\]]*\] )?(?:[\s╷│╵]|\u001b\[[\d;]*[A-Za-z])*/;
const NAMED = /^error\b[:!\s]/i;
const MOST_LINES = 12;
/** Less of a text is found anywhere. */
const SHORTEST = 6;

/**
 * Where a log says what went wrong: the first line that calls itself an error, with what belongs to it; else the line
 * that has the most of what was `said` of the failure; else its last line. undefined of an empty log.
 */
export function errorIn(log: string, said = ""): LogBlock | undefined {
  const lines = log.split("\n");
  const bare = lines.map((line) => line.replace(DECORATION, "").trimEnd());
  const named = bare.findIndex((line) => NAMED.test(line));
  if (named >= 0) return { from: named, until: endOf(lines, bare, named) };
  const saying = bare.findIndex(
    (line) => line.length >= SHORTEST && said.includes(line.replace(/[:.]$/, "")),
  );
  const at = saying >= 0 ? saying : bare.findLastIndex((line) => line !== "");
  return at < 0 ? undefined : { from: at, until: at + 1 };
}

/** An error in a frame goes to the frame's end; one without, as far as its lines are indented or say where it is. */
function endOf(lines: readonly string[], bare: readonly string[], from: number): number {
  const isFramed = (line: string | undefined) => line !== undefined && /[│╷]/.test(line);
  const framed = isFramed(lines[from]);
  let end = from + 1;
  while (end < lines.length && end < from + MOST_LINES) {
    const belongs = framed ? isFramed(lines[end]) : /^\s+\S/.test(lines[end] ?? "") || isPlace(bare[end]);
    if (!belongs) break;
    end++;
  }
  // A frame ends in lines without a word.
  while (end > from + 1 && bare[end - 1] === "") end--;
  return end;
}

/** Where in a template: "on main.tf line 13, in resource …", "with null_resource.gpu,". */
function isPlace(line = ""): boolean {
  return /^on \S+ line \d+/.test(line) || /^with \S+,$/.test(line);
}
