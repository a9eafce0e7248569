import { oneLine } from "../coder/errors.ts";
import type { LogLine } from "../coder/schemas.ts";

/** Why a build, a deletion or a template's trial failed, as far as the deployment says. */
export interface BuildReason {
  /** As the log has it, in one line. */
  text: string;
  /** Without what differs from workspace to workspace: failures of one kind have it in common. */
  common: string;
}

/** Of one line; more would fill a table with a command's text. */
const LONGEST = 160;
const MOST_ERRORS = 2;

/**
 * The job's own error is the same for everything that terraform refuses ("terraform apply: exit status 1"); the
 * reason is in the lines of its log that have the level `error`. `names` are those that the deployment knows the
 * workspace and its user by. Without such lines, the job's own error.
 */
export function buildReason(
  error: string,
  log: readonly Pick<LogLine, "log_level" | "output">[],
  names: readonly string[],
): BuildReason {
  const lines = log
    .filter(({ log_level }) => log_level === "error")
    .map(({ output }) => lineOf(output))
    .filter((line) => hasWords(line) && !isContext(line));
  const told = tellingLines(lines);
  const parts = new Map<string, string>();
  for (const line of told.length > 0 ? told : [oneLine(error)]) {
    const common = withoutVarying(line, names);
    if (!parts.has(common)) parts.set(common, line);
  }
  return { text: joined(parts.values()), common: joined(parts.keys()) };
}

/** What terraform calls the errors, and the last of what is said of them: of a failed command, its own last words. */
function tellingLines(lines: readonly string[]): string[] {
  const named = lines.filter((line) => NAMED.test(line)).map((line) => line.replace(NAMED, ""));
  const first = named.length > 0 ? named.slice(0, MOST_ERRORS) : lines.slice(0, 1);
  const last = lines.at(-1);
  return last === undefined || NAMED.test(last) ? first : [...first, last];
}

const NAMED = /^Error: /;

/** Without the frame that terraform draws around an error, and without the colours of a terminal. */
function lineOf(output: string): string {
  return oneLine(output.replace(/\u001b\[[\d;]*[A-Za-z]/g, "").replace(/^[\s╷│╵]+/, ""));
}

/** A frame has none, such as the one around what coderd's reaper says. */
function hasWords(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line);
}

/** Where in the template it happened: "on main.tf line 13, in resource …", "with null_resource.gpu,", "13: …". */
function isContext(line: string): boolean {
  return /^on \S+ line \d+/.test(line) || /^with \S+,$/.test(line) || /^\d+: /.test(line) || line.length < 2;
}

const VARYING: readonly RegExp[] = [
  // Ids and digests.
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi,
  // Numbers, but not those that say what kind of error it is: "exit status 1", "StatusCode: 403", "HTTP 502".
  /(?<!(?:status|code|http|error)[\s:=]*)(?<![\w.])\d(?:[\d.,:TZ-]*\d)?/gi,
];

function withoutVarying(line: string, names: readonly string[]): string {
  let text = line;
  for (const name of [...names].filter(Boolean).sort((a, b) => b.length - a.length))
    text = text.replaceAll(name, "…");
  for (const pattern of VARYING) text = text.replace(pattern, "…");
  return text;
}

function joined(lines: Iterable<string>): string {
  return [...lines]
    .map((line) => line.replace(/[:.]$/, ""))
    .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line))
    .join(": ");
}
