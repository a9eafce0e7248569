import type { Problem } from "../../../src/scenario/problem.ts";
import { type ReadOptions, type ReadScenario, readScenario } from "../../../src/scenario/read.ts";
import { english } from "../../../src/text/message.ts";
import { workloads } from "../../../src/workloads/index.ts";

/** Reads a file against the product's own kinds of steps. */
export function read(text: string, options: Partial<ReadOptions> = {}): ReadScenario {
  return readScenario(text, { workloads, ...options });
}

/** As `validate` prints a place. */
export const at = ({ range: { start } }: Problem) => `${start.line + 1}:${start.column + 1}`;

/** "5:3 error: …" of each, in order. */
export function told(text: string, options: Partial<ReadOptions> = {}): string[] {
  return read(text, options).problems.map((one) => `${at(one)} ${one.severity}: ${english(one.message)}`);
}

/** The example of the documentation, without what runs on the user's machine. */
export const EXAMPLE = `name: Tuesday, nine o'clock
template: kubernetes
parameters: { home_disk_size: 10 }
steps:
  - create:  { count: 200, concurrency: 20 }
  - traffic: { over: terminal, rate: 40KB/s, share: 60% }
    ramp: 1m
    hold: 10m
    name: terminals
  - traffic: { over: ssh, rate: 10KB/s, share: 40% }
    with: terminals
thresholds:
  - round_trip{step=terminals}.p95 < 200ms over 30s
  - connections.dropped_rate < 1%
  - queue{step=create}.p99 < 2m
  - failures.rate < 0.5% after 1m abort
`;
