import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** One recorded request with its answer; the format is described with the recordings. */
export interface Exchange {
  note?: string;
  request: {
    method: string;
    path: string;
    query?: string;
    headers?: Record<string, string>;
    body?: unknown;
    body_raw?: string;
  };
  response: { status: number; headers: Record<string, unknown>; body?: unknown };
}

export interface Recording {
  request?: Exchange["request"];
  response?: Exchange["response"];
  exchanges?: Exchange[];
  [more: string]: unknown;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  body: unknown;
}

export function load(name: string): Recording {
  const path = fileURLToPath(new URL(`./recordings/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, "utf8")) as Recording;
}

export function exchanges(name: string): Exchange[] {
  const recording = load(name);
  if (recording.exchanges) return recording.exchanges;
  if (!recording.request || !recording.response) throw new Error(`${name} holds no exchange`);
  const { note } = recording as { note?: string };
  return [
    { request: recording.request, response: recording.response, ...(note === undefined ? {} : { note }) },
  ];
}

/** Sends recorded requests to a sandbox, with the recorded ids and tokens replaced by the sandbox's. */
export class Replayer {
  readonly #url: string;
  readonly #names = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
  }

  /** From now on `recorded` is sent as `actual`. */
  map(recorded: string, actual: string): void {
    this.#names.set(recorded, actual);
  }

  translate(text: string): string {
    let out = text;
    // Longer ones first: a key's id is a part of its token.
    const names = [...this.#names].sort(([a], [b]) => b.length - a.length);
    for (const [recorded, actual] of names) out = out.replaceAll(recorded, actual);
    return out;
  }

  send(exchange: Exchange): Promise<Answer> {
    const { method, path, query, headers = {}, body, body_raw: raw } = exchange.request;
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, this.translate(value)]),
    );
    // Recorded through a WebSocket client: without its other headers this asks for nothing.
    delete sent["Sec-WebSocket-Extensions"];
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    return send(
      this.#url,
      method,
      this.translate(path + (query === undefined ? "" : `?${query}`)),
      sent,
      payload === undefined ? undefined : this.translate(payload),
    );
  }
}

export function send(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  payload?: string,
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ hostname, port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parse(text) }),
      );
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Headers whose presence depends on the transport, not on the deployment. */
const TRANSPORT = new Set(["connection", "content-security-policy", "referrer-policy"]);

/**
 * The answer has the recorded status, content type, header names, JSON keys and value types.
 * Texts of errors are compared word for word; ids, times and numbers are not.
 */
export function expectLike(answer: Answer, recorded: Exchange["response"], label = ""): void {
  expect(answer.status, `${label}: status (${answer.text.slice(0, 200)})`).toBe(recorded.status);
  const type = recorded.headers["content-type"];
  if (typeof type === "string") expect(answer.headers["content-type"], `${label}: content type`).toBe(type);
  for (const name of Object.keys(recorded.headers)) {
    if (!TRANSPORT.has(name)) expect(Object.keys(answer.headers), `${label}: headers`).toContain(name);
  }
  const { body } = recorded;
  if (
    body === undefined ||
    (typeof body === "string" && type !== undefined && !String(type).includes("json"))
  )
    return;
  if (typeof body === "string") {
    if (!body.startsWith("…")) expect(answer.text.trim(), `${label}: body`).toBe(body.trim());
    return;
  }
  expectShape(answer.body, body, `${label}: body`);
}

/** Same keys and value types, all the way down; what the recording left out ("…") is not compared. */
export function expectShape(actual: unknown, recorded: unknown, path: string): void {
  if (typeof recorded === "string" && recorded.startsWith("…")) return;
  expect(kind(actual), path).toBe(kind(recorded));
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    const [first] = recorded;
    if (first !== undefined && actual[0] !== undefined) expectShape(actual[0], first, `${path}[0]`);
    return;
  }
  if (kind(recorded) !== "object") return;
  const [want, have] = [recorded as Record<string, unknown>, actual as Record<string, unknown>];
  if ("…" in want || path.endsWith("environment_variables")) return;
  if (Object.keys(want).every(isUuid)) {
    const [first] = Object.values(want);
    if (first !== undefined) expectShape(Object.values(have)[0], first, `${path}.<id>`);
    return;
  }
  // workspaces-list.json cuts its agents down to these four keys.
  const cut = Object.keys(want).sort().join() === "id,lifecycle_state,name,status";
  if (!cut) expect(Object.keys(have).sort(), `${path}: keys`).toEqual(Object.keys(want).sort());
  for (const key of Object.keys(want)) expectShape(have[key], want[key], `${path}.${key}`);
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function kind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The texts of an error envelope, word for word. */
export function expectSameEnvelope(
  answer: Answer,
  recorded: Exchange["response"],
  replayer: Replayer,
  label = "",
): void {
  expectLike(answer, recorded, label);
  const wanted = JSON.parse(replayer.translate(JSON.stringify(recorded.body))) as unknown;
  expect(answer.body, `${label}: envelope`).toEqual(wanted);
}

/** Polls until a condition holds. */
export async function eventually<T>(
  read: () => Promise<T | undefined> | T | undefined,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
