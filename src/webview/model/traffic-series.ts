import { t } from "../../l10n/text.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { Connections, TrafficSample } from "../../protocol/traffic.ts";
import { type Columns, coresOf } from "./series.ts";

/** From the bottom of the stacked chart to its top. */
export const CONNECTION_STATES: readonly { state: keyof Connections | "waiting"; label: string }[] = [
  { state: "down", label: t("down") },
  { state: "active", label: t("active") },
  { state: "reconnecting", label: t("reconnecting") },
  { state: "opening", label: t("opening") },
  { state: "waiting", label: t("not open") },
];

/** Connections of a state; those that have not begun are the rest of the planned ones. */
export function connectionsIn(
  connections: Connections,
  state: (typeof CONNECTION_STATES)[number]["state"],
): number {
  if (state !== "waiting") return connections[state];
  const { planned, opening, active, reconnecting, down } = connections;
  return Math.max(0, planned - opening - active - reconnecting - down);
}

/** Seconds without an echo are gaps: no round trip is not a fast one. */
export function roundTripColumns(samples: readonly Sample[]): Columns {
  const column = (of: "p50" | "p95" | "p99") =>
    samples.map(({ traffic }) => (traffic && traffic.roundTrip.count > 0 ? traffic.roundTrip[of] : null));
  return [times(samples), column("p50"), column("p95"), column("p99")];
}

/** A second in messages of `size` bytes; of size 1, in bytes. */
export function throughputColumns(samples: readonly Sample[], size: number): Columns {
  return [
    times(samples),
    orGap(samples, (traffic) => traffic.offeredBytesPerSecond / size),
    orGap(samples, (traffic) => traffic.achievedBytesPerSecond / size),
  ];
}

/** Sums from the bottom up, in the order of CONNECTION_STATES. */
export function connectionColumns(samples: readonly Sample[]): Columns {
  let below = samples.map(() => 0);
  const columns: Columns = [times(samples)];
  for (const { state } of CONNECTION_STATES) {
    below = samples.map(
      ({ traffic }, index) => (below[index] ?? 0) + (traffic ? connectionsIn(traffic.connections, state) : 0),
    );
    columns.push(below);
  }
  return columns;
}

/** How late messages were sent, the limit for that, and the cores in use. */
export function shardColumns(samples: readonly Sample[], limitMs: number | undefined): Columns {
  return [
    times(samples),
    orGap(samples, (traffic) => traffic.latenessP99Ms),
    samples.map(() => limitMs ?? null),
    coresOf(samples),
  ];
}

function orGap(samples: readonly Sample[], value: (traffic: TrafficSample) => number): (number | null)[] {
  return samples.map(({ traffic }) => (traffic ? value(traffic) : null));
}

function times(samples: readonly Sample[]): number[] {
  return samples.map((sample) => sample.t / 1_000);
}
