import { english, foreign, type Message, say, sayAll, withTexts } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";

/**
 * What can go wrong between us and a deployment. Expected failures are values with a kind, so that callers
 * branch on the kind and never on a text; the server's own words and request id are kept for people.
 */
export type Failure =
  | (Answered & { kind: "unauthorized" })
  | (Answered & { kind: "forbidden" })
  | (Answered & { kind: "not_found" })
  | (Answered & { kind: "conflict" })
  | (Answered & { kind: "rate_limited" })
  | (Answered & { kind: "validation"; fields: readonly FieldProblem[] })
  | (Answered & { kind: "server" })
  /** A WebSocket was asked for, and what arrived at the deployment was a plain request. */
  | (Answered & { kind: "upgrade_stripped" })
  /** Answered, but not as the API documents: HTML, a redirect, a missing field. */
  | (Answered & { kind: "unexpected" })
  /** No answer. With `outcomeUnknown`, the request may have been carried out. */
  | (Unanswered & { kind: "network" })
  | (Unanswered & { kind: "timeout" });

interface Common {
  /** `POST /api/v2/users` with ids as placeholders. */
  route: string;
  /** One line for people, without the route: the server's own words, or ours. */
  message: Message;
}
interface Answered extends Common {
  status: number;
  detail?: string;
  requestId?: string;
  /** The answer is not coderd's own: a proxy or a gate in front of the deployment has given it. */
  inFront?: boolean;
}
interface Unanswered extends Common {
  outcomeUnknown: boolean;
}

export interface FieldProblem {
  field: string;
  detail: string;
}

export type FailureKind = Failure["kind"];

/** The one error that everything in this folder throws. */
export class CoderError extends SaidError {
  override readonly name = "CoderError";
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(describe(failure), options);
    this.failure = failure;
  }

  get requestId(): string | undefined {
    return "requestId" in this.failure ? this.failure.requestId : undefined;
  }
}

/** True where the error is a CoderError of one of these kinds. */
export function isFailure(error: unknown, ...kinds: FailureKind[]): error is CoderError {
  return error instanceof CoderError && (kinds.length === 0 || kinds.includes(error.failure.kind));
}

function describe(failure: Failure): Message {
  const parts = [failure.message];
  if (failure.kind === "validation") {
    const fields = failure.fields.map((problem) => `${problem.field}: ${problem.detail}`);
    if (fields.length > 0) parts.push(foreign(fields.join("; ")));
  }
  if ("detail" in failure && failure.detail && failure.detail !== english(failure.message))
    parts.push(foreign(failure.detail));
  const tidy = (text: string) => oneLine(text.replace(/[.\s]+$/, ""));
  const told = parts.map((part) => withTexts(part, tidy));
  return say("{0} ({1})", sayAll(told, ": "), failure.route);
}

/** What terminals, SSH and watches by WebSocket fail with behind such a proxy. */
export const UPGRADES_STRIPPED = say("WebSocket upgrades are stripped on the way to the deployment");

/**
 * Whether an answer to a WebSocket's upgrade says that the upgrade got lost on the way: coderd misses its headers,
 * or has answered as to a plain request (docs/coder-api.md, Errors).
 */
export function saysStripped(status: number, body: string): boolean {
  if (status === 426 || (status >= 200 && status < 300)) return true;
  return status === 400 && /websocket protocol violation|does not contain upgrade/i.test(body);
}

/** Server texts go into one-line messages: control characters and line breaks become spaces. */
export function oneLine(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim()
    .slice(0, 500);
}

/** What an error says, in one line. */
export function inOneLine(error: unknown): Message {
  return withTexts(saidOf(error), oneLine);
}

interface Envelope {
  message?: unknown;
  detail?: unknown;
  validations?: unknown;
}

/**
 * Statuses that a second try may mend: coderd's 500, and what something in front says where it found nobody, had no
 * patience (408), or wants to be asked again (425); 520 to 527 are Cloudflare's.
 */
export function isPassing(status: number): boolean {
  return [408, 425, 500, 502, 503, 504].includes(status) || (status >= 520 && status <= 527);
}

/** Makes a Failure of an answer's status and body. `body` is whatever the server sent, parsed or not. */
export function failureOf(
  route: string,
  status: number,
  body: unknown,
  extra: { requestId?: string | undefined; inFront?: boolean | undefined } = {},
): Failure {
  const envelope: Envelope = typeof body === "object" && body !== null ? body : {};
  const message =
    typeof envelope.message === "string" ? foreign(envelope.message) : textMessage(status, body);
  const answered: Answered = { route, status, message };
  if (typeof envelope.detail === "string" && envelope.detail) answered.detail = envelope.detail;
  if (extra.requestId) answered.requestId = extra.requestId;
  if (extra.inFront) answered.inFront = true;
  if (status === 401) return { ...answered, kind: "unauthorized" };
  if (status === 403) return { ...answered, kind: "forbidden" };
  if (status === 404 || status === 410) return { ...answered, kind: "not_found" };
  if (status === 409) return { ...answered, kind: "conflict" };
  if (status === 429) return { ...answered, kind: "rate_limited" };
  if (status >= 500 || isPassing(status)) return { ...answered, kind: "server" };
  if (status >= 400) return { ...answered, kind: "validation", fields: fieldProblems(envelope.validations) };
  return { ...answered, kind: "unexpected" };
}

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const { field, detail } = (item ?? {}) as { field?: unknown; detail?: unknown };
    return typeof field === "string" && typeof detail === "string" ? [{ field, detail }] : [];
  });
}

/** What Go's and nginx's servers say to plain HTTP on a port that wants TLS. */
const WANTS_TLS = /HTTP request (?:was sent to HTTPS port|to an HTTPS server)/i;

function textMessage(status: number, body: unknown): Message {
  const text = typeof body === "string" ? body : "";
  if (WANTS_TLS.test(text)) return say("this port speaks https, not plain HTTP: use https://");
  const looksLikeHtml = /<\s*(!doctype|html|body)/i.test(text);
  const short = looksLikeHtml ? "" : oneLine(text.split("\n")[0] ?? "");
  return short ? foreign(short) : say("status {0}", String(status));
}
