import http from "node:http";
import tls from "node:tls";
import type { Client, ClientChannel } from "ssh2";
import { sodiumReady } from "../../tailnet/crypto/sodium.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { sshAlgorithms } from "./algorithms.ts";
import type { Dialed } from "./dialer.ts";

/**
 * An SSH connection to an agent: authentication "none", the host key not checked, as Coder's own client
 * does (docs/coder-api.md, SSH): the way there is already authenticated and encrypted by the tunnel.
 */
export class SshSession {
  #client: Client;
  readonly ended: Promise<Error | undefined>;

  private constructor(client: Client) {
    this.#client = client;
    this.ended = new Promise((resolve) => {
      let failure: Error | undefined;
      client.on("error", (error) => {
        failure = error;
      });
      client.on("close", () => resolve(failure));
    });
  }

  /** Resolves when the server has let us in. Rejects with the stream's or the handshake's failure. */
  static async open(dialed: Dialed, signal: AbortSignal, timeoutMs: number): Promise<SshSession> {
    const [{ Client }] = await Promise.all([import("./ssh2.ts"), sodiumReady()]);
    return new Promise((resolve, reject) => {
      const client = new Client();
      const fail = (error: unknown) => {
        signal.removeEventListener("abort", aborted);
        client.destroy();
        dialed.stream.destroy();
        reject(error);
      };
      const aborted = () => fail(signal.reason);
      // What the stream itself says (the command's last words) is worth more than ssh2's "lost before handshake".
      let streamError: Error | undefined;
      dialed.stream.on("error", (error) => {
        streamError ??= error;
      });
      // For good: destroying the client may bring a second error, which nobody else would take.
      client.on("error", (error) => setImmediate(() => fail(streamError ?? error)));
      client.once("close", () =>
        setImmediate(() =>
          fail(streamError ?? new SaidError(say("the connection ended before the SSH handshake"))),
        ),
      );
      client.once("ready", () => {
        signal.removeEventListener("abort", aborted);
        client.removeAllListeners("close");
        client.removeAllListeners("error");
        resolve(new SshSession(client));
      });
      signal.addEventListener("abort", aborted, { once: true });
      if (signal.aborted) return aborted();
      client.connect({
        sock: dialed.stream,
        username: "coder",
        authHandler: ["none"],
        readyTimeout: timeoutMs,
        hostVerifier: () => true,
        keepaliveInterval: 0,
        algorithms: sshAlgorithms(),
      });
    });
  }

  /**
   * One HTTP request through the connection to an address as seen from the workspace.
   * Resolves with the status; rejects where the address does not answer in time.
   */
  async request(url: string, timeoutMs: number, signal: AbortSignal): Promise<number> {
    const target = new URL(url);
    const secure = target.protocol === "https:";
    const port = Number(target.port || (secure ? 443 : 80));
    const host = target.hostname.replace(/^\[|\]$/g, "");
    const channel = await this.#forward(host, port, signal);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          method: "GET",
          host,
          port,
          path: `${target.pathname}${target.search}`,
          signal: limit,
          // No agent: with one, and be it `false`, Node would open a connection of its own past the channel.
          createConnection: () => (secure ? tls.connect({ socket: channel, servername: host }) : channel),
        },
        (response) => {
          response.resume();
          response.once("end", () => resolve(response.statusCode ?? 0));
          response.once("error", reject);
        },
      );
      request.once("error", (error) =>
        reject(
          limit.aborted && !signal.aborted ? new SaidError(say("no answer within {0} ms", timeoutMs)) : error,
        ),
      );
      request.end();
    }).then(
      (status) => {
        channel.destroy();
        return status as number;
      },
      (error: unknown) => {
        channel.destroy();
        throw error;
      },
    );
  }

  /** Runs a command without a terminal; the channel is its input and output. */
  exec(command: string, signal: AbortSignal): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.#client.exec(command, (error, channel) => {
        if (error) reject(error);
        else resolve(channel);
      });
    });
  }

  #forward(host: string, port: number, signal: AbortSignal): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.#client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
        if (error) reject(error);
        else resolve(channel);
      });
    });
  }

  close(): void {
    this.#client.end();
    // The other side may be gone or silent; nothing is lost by not waiting for its good-bye.
    setTimeout(() => this.#client.destroy(), 500).unref();
  }
}
