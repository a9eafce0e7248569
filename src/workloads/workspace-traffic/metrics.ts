import { Counter, Registry } from "prom-client";
import type { Target } from "../targets.ts";

const WHO = ["username", "workspace_name", "agent_name"] as const;

/**
 * The metrics of Coder's own tool by their names, which are by workspace (docs/coder-api.md, Coder's own load tool).
 * Its read and write latencies are left out: they are the time that a call blocks, which says nothing here.
 */
export class WorkspaceMetrics {
  readonly #registry = new Registry();
  readonly #read = this.#counter("bytes_read_total", "Bytes of payload that came back");
  readonly #written = this.#counter("bytes_written_total", "Bytes of payload that were sent");
  readonly #readErrors = this.#counter("read_errors_total", "Connections that were dropped");
  readonly #writeErrors = this.#counter("write_errors_total", "Connections that could not be opened");
  readonly #labels: Record<(typeof WHO)[number], string>[];

  /** `connections`: of each target. */
  constructor(targets: readonly Target[], connections: number) {
    const labels = targets.map(({ workspace, agent }) => ({
      username: workspace.owner_name,
      workspace_name: workspace.name,
      agent_name: agent.name,
    }));
    // Connections are dealt to the workspaces in turn.
    this.#labels = Array.from({ length: connections }, () => labels).flat();
  }

  #counter(name: string, help: string): Counter<(typeof WHO)[number]> {
    return new Counter({
      name: `coderd_scaletest_${name}`,
      help,
      labelNames: [...WHO],
      registers: [this.#registry],
    });
  }

  /** Triples of connection, bytes read, bytes written. */
  bytes(triples: readonly number[]): void {
    for (let at = 0; at + 2 < triples.length; at += 3) {
      const labels = this.#labels[triples[at] ?? -1];
      if (!labels) continue;
      this.#read.inc(labels, triples[at + 1] ?? 0);
      this.#written.inc(labels, triples[at + 2] ?? 0);
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

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
