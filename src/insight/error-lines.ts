import type { ServerError } from "../protocol/server-error.ts";

/** A line of a log, with when it was written. */
export interface LogLine {
  /** Unix milliseconds. */
  at: number;
  text: string;
}

/** Kinds that are kept; those that came most often. */
const MOST_KINDS = 10;
const LONGEST = 200;

/**
 * The errors among the lines of coderd's log, as it writes them for people (`2026-01-02 15:04:05.000 [erro]  coderd: …`,
 * with details in the lines below) or as JSON (`--log-json`, `--log-stackdriver`). Equal ones are counted; what only
 * tells one request from another (numbers, ids, addresses) makes no difference. `origin`: the Unix milliseconds that
 * are the run's second 0.
 */
export function errorsIn(lines: readonly LogLine[], origin: number): ServerError[] {
  const found = new Map<string, ServerError>();
  for (const { at, text } of errorLines(lines)) {
    const masked = withoutIds(text);
    const second = Math.max(0, Math.floor((at - origin) / 1_000));
    const known = found.get(masked);
    if (known) {
      known.count++;
      known.first = Math.min(known.first, second);
      known.last = Math.max(known.last, second);
    } else found.set(masked, { text: masked, count: 1, first: second, last: second });
  }
  return [...found.values()]
    .sort((one, other) => other.count - one.count || one.first - other.first)
    .slice(0, MOST_KINDS);
}

function errorLines(lines: readonly LogLine[]): LogLine[] {
  const found: LogLine[] = [];
  let open: LogLine | undefined;
  for (const { at, text } of lines) {
    const json = jsonError(text);
    const human = /^\d{4}-\d\d-\d\d [\d:.]+ \[(\w+)\]\s+(.*)$/.exec(text);
    if (json !== undefined) found.push({ at, text: json });
    if (human) {
      const [, level = "", rest = ""] = human;
      // Fields come behind two spaces: `failed to ping  request_id=…`.
      const [message = rest] = rest.split(/ {2,}(?=[\w.]+=)/);
      open = isError(level) ? { at, text: message.replace(/\s*\.\.\.$/, "").trim() } : undefined;
      if (open) found.push(open);
    } else if (open) open.text = withDetail(open.text, text);
  }
  return found;
}

/** Of what stands below an error, its innermost cause: `- failed to ping: use of closed network connection`. */
function withDetail(error: string, line: string): string {
  const [, cause] = /^\s+(?:- |error= )(.+?):?$/.exec(line) ?? [];
  if (cause === undefined) return error;
  const [message = error] = error.split(" — ");
  return `${message} — ${cause.trim()}`;
}

function isError(level: string): boolean {
  return /^(?:erro|error|crit|critical|fata|fatal|panic|alert|emergency)$/i.test(level);
}

function jsonError(text: string): string | undefined {
  if (!text.startsWith("{")) return undefined;
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const level = line.level ?? line.severity;
  if (typeof level !== "string" || !isError(level)) return undefined;
  const names = Array.isArray(line.logger_names) ? `${line.logger_names.join(".")}: ` : "";
  const message = `${names}${String(line.msg ?? line.message ?? "")}`;
  const fields = (line.fields ?? line) as Record<string, unknown>;
  const cause = fields.error ?? fields.err;
  return typeof cause === "string"
    ? `${message} — ${cause.split("\n").at(-1)?.trim().replace(/^- /, "") ?? ""}`
    : message;
}

/** What is of one request, user or machine alone; and what could be a secret or a person. */
function withoutIds(text: string): string {
  const masked = text
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"']+/gi, "…")
    .replace(/[\w.+-]+@[\w-]+\.[\w.-]+/g, "…")
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "…")
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "…")
    .replace(/\b[A-Za-z0-9]{10}-[A-Za-z0-9]{22}\b/g, "…")
    .replace(/\[?\b(?:\d{1,3}\.){3}\d{1,3}\b\]?(?::\d+)?/g, "…")
    .replace(/\b(?=\w*\d)[0-9a-f]{8,}\b/gi, "…")
    .replace(/\d+(?:\.\d+)?/g, "#")
    .replace(/\s+/g, " ")
    .trim();
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST - 1)}…` : masked;
}
