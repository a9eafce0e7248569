import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

interface Recording {
  /** By pod: what coderd's page said, at the scrapes of which the server tells. */
  pages: Record<string, string[]>;
  exchanges: {
    /** Without a path, of the instant query. */
    request: {
      path?: string;
      query: string;
      time: string | null;
      start?: string;
      end?: string;
      step?: string;
    };
    response: { status: number; body: unknown };
  }[];
}

const FILES = new URL("../contract/recordings/metrics/", import.meta.url);
const RANGE = ["start", "end", "step"] as const;

/** A Prometheus server that says what a real one was recorded to say; of an equal question, the last answer again and again. */
export class RecordedPrometheus {
  readonly recording: Recording;
  readonly asked: { method: string; query: string | null; headers: IncomingMessage["headers"] }[] = [];
  /** What it wants as a bearer token. */
  token: string | undefined;
  /** Answers instead. */
  instead: { status: number; headers?: Record<string, string>; body: string } | undefined;
  readonly #left: Recording["exchanges"];
  readonly #server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const query = url.searchParams.get("query");
    this.asked.push({ method: request.method ?? "", query, headers: request.headers });
    const { status, headers, body } = this.#answer(request, url);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  });

  constructor(file = "prometheus-server.json") {
    this.recording = JSON.parse(readFileSync(fileURLToPath(new URL(file, FILES)), "utf8")) as Recording;
    this.#left = [...this.recording.exchanges];
  }

  #answer(request: IncomingMessage, url: URL): NonNullable<RecordedPrometheus["instead"]> {
    if (this.instead) return this.instead;
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`)
      return { status: 401, body: "Unauthorized\n" };
    // Which of the names are read differs by version: what was recorded has those of its own.
    const bare = (text: string | null) => text?.replace(/(__name__=~")[^"]*/, "$1");
    const isIt = ({
      request: { path = "/api/v1/query", query, time, ...range },
    }: Recording["exchanges"][number]) =>
      url.pathname === path &&
      bare(query) === bare(url.searchParams.get("query")) &&
      time === url.searchParams.get("time") &&
      RANGE.every((name) => (range[name] ?? null) === url.searchParams.get(name));
    const at = this.#left.findIndex(isIt);
    const found = at >= 0 ? this.#left.splice(at, 1)[0] : this.recording.exchanges.findLast(isIt);
    if (!found) return { status: 404, body: "404 page not found\n" };
    return { status: found.response.status, body: JSON.stringify(found.response.body) };
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
