import { createServer, type Server } from "node:http";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { Refusal } from "../../contract/failures.ts";
import { KINDS, type Kind, type ShardSecond } from "./shard/messages.ts";
import type { Target } from "./target.ts";

const WHO = ["username", "workspace_name", "agent_name"] as const;
/** Seconds: from what a kernel echoes in to what nobody waits for. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/**
 * The run's metrics for Prometheus: those of Coder's own tool by their names (fact sheet §10), and ours. Its
 * read and write latencies are left out: they are the time that a call blocks, which says nothing here.
 */
export class TrafficMetrics {
  readonly #registry = new Registry();
  readonly #read = this.#counter("bytes_read_total", "Bytes of payload that came back", WHO);
  readonly #written = this.#counter("bytes_written_total", "Bytes of payload that were sent", WHO);
  readonly #readErrors = this.#counter("read_errors_total", "Connections that were dropped", WHO);
  readonly #writeErrors = this.#counter("write_errors_total", "Connections that could not be opened", WHO);
  readonly #missed = this.#counter("ticks_missed_total", "Messages that were not sent", ["transport"]);
  readonly #lost = this.#counter("ticks_lost_total", "Messages that did not come back", ["transport"]);
  readonly #wrong = this.#counter("ticks_wrong_total", "Messages that came back with wrong bytes", [
    "transport",
  ]);
  readonly #roundTrip = new Histogram({
    name: "coderd_scaletest_round_trip_seconds",
    help: "From the time at which a tick was due to the last byte of its echo",
    labelNames: ["transport"],
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #connections = new Gauge({
    name: "coderd_scaletest_connections",
    help: "Connections by where they are",
    labelNames: ["state"],
    registers: [this.#registry],
  });
  readonly #labels: Record<(typeof WHO)[number], string>[];
  readonly #byShard = new Map<number, ShardSecond["connections"]>();
  #server: Server | undefined;

  /** `connections`: of each target. */
  constructor(targets: readonly Target[], connections: number) {
    this.#labels = targets.flatMap(({ workspace, agent }) =>
      Array.from({ length: connections }, () => ({
        username: workspace.owner_name,
        workspace_name: workspace.name,
        agent_name: agent.name,
      })),
    );
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({
      name: `coderd_scaletest_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
    });
  }

  /** Answers at `host:port`. Throws Refusal where it cannot. */
  async listen(address: string): Promise<number> {
    const { host, port } = parseAddress(address);
    const server = createServer((request, response) => {
      if (request.url !== "/metrics" && request.url !== "/") return void response.writeHead(404).end();
      void this.#registry.metrics().then((text) => {
        response.writeHead(200, { "Content-Type": this.#registry.contentType }).end(text);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) =>
        reject(new Refusal(`--scaletest-prometheus-address ${address} cannot be used (${error.message})`)),
      );
      server.listen(port, host, () => resolve());
    });
    const bound = server.address();
    return typeof bound === "object" && bound ? bound.port : port;
  }

  second(shard: number, second: ShardSecond): void {
    for (let at = 0; at + 2 < second.bytes.length; at += 3) {
      const labels = this.#labels[second.bytes[at] ?? -1];
      if (!labels) continue;
      this.#read.inc(labels, second.bytes[at + 1] ?? 0);
      this.#written.inc(labels, second.bytes[at + 2] ?? 0);
    }
    for (const kind of KINDS) this.#ticks(kind, second);
    this.#byShard.set(shard, second.connections);
    for (const state of ["opening", "active", "reconnecting"] as const) {
      const sum = [...this.#byShard.values()].reduce((total, one) => total + one[state], 0);
      this.#connections.set({ state }, sum);
    }
  }

  #ticks(kind: Kind, second: ShardSecond): void {
    const deltas = second.kinds[kind];
    if (!deltas) return;
    const labels = { transport: kind };
    for (const { counts, roundTrip } of [deltas.measured, deltas.other]) {
      this.#missed.inc(labels, counts.skipped + counts.blocked + counts.down);
      this.#lost.inc(labels, counts.lost);
      this.#wrong.inc(labels, counts.wrong);
      for (let at = 0; at < roundTrip.us.length; at++) {
        const seconds = (roundTrip.us[at] ?? 0) / 1e6;
        for (let count = roundTrip.counts[at] ?? 0; count > 0; count--)
          this.#roundTrip.observe(labels, seconds);
      }
    }
  }

  dropped(connection: number): void {
    const labels = this.#labels[connection];
    if (labels) this.#readErrors.inc(labels);
  }

  failed(connection: number): void {
    const labels = this.#labels[connection];
    if (labels) this.#writeErrors.inc(labels);
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

function parseAddress(address: string): { host: string; port: number } {
  const match = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address);
  const port = Number(match?.[2]);
  if (!match || port > 65_535)
    throw new Refusal(
      `--scaletest-prometheus-address must be host:port, such as 0.0.0.0:21112, not "${address}"`,
    );
  return { host: match[1] || "0.0.0.0", port };
}
