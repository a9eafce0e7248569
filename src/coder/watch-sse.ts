import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import type { CoderClient } from "./client.ts";
import { type Workspace, workspaceSchema } from "./schemas.ts";
import { FIRST_NEWS_MS, NOTHING_CAME, SILENCE_MS } from "./watch-socket.ts";
import { Silent } from "./watch-ways.ts";

/**
 * Server-sent events where no WebSocket gets through: `event: ping|data|error`, one JSON object a data line, events
 * apart by an empty line; chunks are not events (docs/coder-api.md, Watching). Resolves when the stream has ended;
 * rejects with Silent where nothing comes, as from a proxy that waits for an answer's end before it passes it on.
 */
export async function watchBySse(
  client: CoderClient,
  workspaceId: string,
  told: { offer: (workspace: Workspace) => void; heard: () => void },
  signal: AbortSignal,
): Promise<void> {
  const silence = new Silence(signal);
  try {
    const body = await client.transport.stream({
      method: "GET",
      path: `/api/v2/workspaces/${workspaceId}/watch`,
      route: "GET /api/v2/workspaces/{workspace}/watch",
      token: client.token,
      subject: client.subject,
      signal: silence.signal,
      timeoutMs: FIRST_NEWS_MS,
    });
    let pending = "";
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      silence.end();
      told.heard();
      pending += decoder.decode(chunk as Uint8Array, { stream: true });
      const events = pending.split("\n\n");
      pending = events.pop() ?? "";
      for (const event of events) {
        const workspace = dataOf(event);
        if (workspace) told.offer(workspace);
      }
      if (pending.length > 16 * 1024 * 1024) throw new SaidError(say("an event of the watch does not end"));
      silence.begin(SILENCE_MS);
    }
  } finally {
    silence.close();
  }
}

/** Ends a stream that says nothing: at first soon, later after some missed pings. */
class Silence {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #abort = () => this.#controller.abort(this.#outer.reason);
  #timer: NodeJS.Timeout | undefined;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    outer.addEventListener("abort", this.#abort, { once: true });
    if (outer.aborted) this.#abort();
    this.begin(FIRST_NEWS_MS);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(ms: number): void {
    this.#timer = setTimeout(() => this.#controller.abort(new Silent(NOTHING_CAME)), ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  close(): void {
    this.end();
    this.#outer.removeEventListener("abort", this.#abort);
  }
}

function dataOf(event: string): Workspace | undefined {
  const lines = event.split("\n");
  if (!lines.includes("event: data")) return undefined;
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
  try {
    return workspaceSchema.safeParse(JSON.parse(data.join("\n"))).data;
  } catch {
    return undefined;
  }
}
