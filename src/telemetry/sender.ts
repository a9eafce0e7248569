import { dispatcherFor } from "../coder/dispatcher.ts";
import { networkError } from "../coder/network-error.ts";
import { tlsOptions } from "../coder/tls.ts";
import { USER_AGENT } from "../coder/transport.ts";
import type { OtlpSink } from "../protocol/telemetry.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

const TIMEOUT_MS = 10_000;

/** Sends OTLP over HTTP, as JSON, to one address. */
export class OtlpSender {
  readonly #sink: OtlpSink;
  readonly #agent: ReturnType<typeof dispatcherFor>;

  constructor(sink: OtlpSink) {
    this.#sink = sink;
    this.#agent = dispatcherFor(sink.network, tlsOptions(sink.network, sink.url), 1);
  }

  get host(): string {
    return new URL(this.#sink.url).host;
  }

  /** Rejects with one sentence where it does not arrive. */
  async send(body: Uint8Array): Promise<void> {
    const { origin, pathname, search } = new URL(this.#sink.url);
    const answer = await this.#agent
      .request({
        origin,
        path: `${pathname}${search}`,
        method: "POST",
        headers: { ...this.#sink.headers, "content-type": "application/json", "user-agent": USER_AGENT },
        body: Buffer.from(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      .catch((error: unknown) => {
        throw new SaidError(networkError("POST", error).failure.message);
      });
    const text = await answer.body.text().catch(() => "");
    if (answer.statusCode >= 200 && answer.statusCode < 300) return;
    throw new SaidError(
      say("it answers with status {0} ({1})", answer.statusCode, text.replace(/\s+/g, " ").slice(0, 120)),
    );
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
