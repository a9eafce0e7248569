import { Client, type ClientChannel } from "ssh2";
import { sshAlgorithms } from "../../src/coder/ssh/algorithms.ts";
import type { DialTarget, WorkspaceDialer } from "../../src/coder/ssh/dialer.ts";
import { sodiumReady } from "../../src/tailnet/crypto/sodium.ts";

export interface EchoResult {
  name: string;
  sent: number;
  echoed: number;
  /** Bytes that are not the ones that were sent. */
  wrong: number;
  roundTripsMs: number[];
  retransmissions: number;
  /** Why it ended before it was told to. */
  ended: string | undefined;
}

/** An SSH session whose other end sends back what it gets, as Coder's own load tool does it. */
export class EchoSession {
  #client = new Client();
  #channel: ClientChannel | undefined;
  #stream: { retransmissions?: number } = {};
  #sentAt: number[] = [];
  #received = 0;
  #ended: string | undefined;
  #closing = false;
  #bytes: number;
  #result: EchoResult;
  #block: Buffer;

  constructor(name: string, bytes: number) {
    this.#bytes = bytes;
    this.#block = Buffer.alloc(bytes, name);
    this.#result = {
      name,
      sent: 0,
      echoed: 0,
      wrong: 0,
      roundTripsMs: [],
      retransmissions: 0,
      ended: undefined,
    };
  }

  get isOver(): boolean {
    return this.#ended !== undefined;
  }

  get outstanding(): number {
    return this.#result.sent - this.#result.echoed;
  }

  async open(dialer: WorkspaceDialer, target: DialTarget): Promise<void> {
    await sodiumReady();
    // The signal of a dial lives as long as its connection.
    const dialing = new AbortController();
    const limit = setTimeout(() => dialing.abort(new Error("no connection within 120 s")), 120_000);
    const { stream } = await dialer.dial(target, dialing.signal).finally(() => clearTimeout(limit));
    this.#stream = stream as { retransmissions?: number };
    stream.once("error", (error) => this.#end(error.message));
    await new Promise<void>((resolve, reject) => {
      this.#client.once("ready", resolve);
      this.#client.on("error", (error) => {
        reject(error);
        setImmediate(() => this.#end(error.message));
      });
      this.#client.once("close", () => setImmediate(() => this.#end("the SSH connection was closed")));
      this.#client.connect({
        sock: stream,
        username: "coder",
        authHandler: ["none"],
        hostVerifier: () => true,
        readyTimeout: 60_000,
        algorithms: sshAlgorithms(),
      });
    });
    const command = `dd if=/dev/stdin of=/dev/stdout bs=${this.#bytes} status=none`;
    this.#channel = await new Promise<ClientChannel>((resolve, reject) => {
      this.#client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
    this.#channel.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#channel.once("close", () => this.#end("the command ended"));
  }

  /** Sends a block with its number. */
  tick(): void {
    if (!this.#channel || this.isOver) return;
    const block = Buffer.from(this.#block);
    block.writeUInt32BE(this.#result.sent, 0);
    this.#sentAt.push(performance.now());
    this.#result.sent++;
    this.#channel.write(block);
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at++, this.#received++) {
      const within = this.#received % this.#bytes;
      const block = Math.floor(this.#received / this.#bytes);
      const expected = within < 4 ? (block >>> (24 - 8 * within)) & 0xff : this.#block[within];
      if (chunk[at] !== expected) this.#result.wrong++;
      if (within === this.#bytes - 1) {
        this.#result.echoed++;
        this.#result.roundTripsMs.push(performance.now() - (this.#sentAt[block] ?? 0));
      }
    }
  }

  /** Resolves when every block is back, the session is over, or the time is. */
  async drained(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (this.outstanding > 0 && !this.isOver && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  close(): void {
    this.#closing = true;
    this.#result.retransmissions = this.#stream.retransmissions ?? 0;
    this.#channel?.end();
    this.#client.end();
  }

  result(): EchoResult {
    this.#result.retransmissions = this.#stream.retransmissions ?? 0;
    return { ...this.#result, ended: this.#ended };
  }

  #end(reason: string): void {
    if (!this.#closing) this.#ended ??= reason;
  }
}
