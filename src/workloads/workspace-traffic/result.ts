import type { MeasuredPart } from "../../contract/plan.ts";
import type { Labels } from "../../protocol/series-key.ts";
import { english } from "../../text/message.ts";
import { KINDS } from "./probe/setup.ts";
import type { TrafficLoad } from "./report.ts";

const OUTCOMES = ["due", "sent", "missed", "skipped", "down", "echoed", "trailing", "lost", "wrong"] as const;
const FAULTS = ["lost", "wrong", "extra"] as const;
const EVENTS = ["opened", "failed", "dropped", "reconnected"] as const;
const SHOWN_DROPS = 10;

/** What `--output json` has under `traffic`: of all transports together, and of each. Times are milliseconds. */
export function trafficSection(
  measured: MeasuredPart,
  load: TrafficLoad,
  message: { bytes: number; intervalMs: number },
) {
  const part = (labels: Labels) => partOf(measured, labels, message.bytes);
  return {
    total: part({}),
    ...Object.fromEntries(KINDS.map((transport) => [transport, part({ transport })])),
    measured_ms: Math.round(measured.ms),
    message_bytes: message.bytes,
    message_interval_ms: message.intervalMs,
    drops: dropsOf(measured),
    reconnect_ms: measured.percentiles("reconnect"),
    shards: load.shards,
    connections_lost_to_shards: load.lostToShards,
    invalid: measured.invalid ? english(measured.invalid) : null,
  };
}

function partOf(measured: MeasuredPart, labels: Labels, bytes: number) {
  const of = (metric: string, figure: string, more: Labels = {}) =>
    measured.figure({ metric, figure, labels: { ...labels, ...more } }) ?? 0;
  const counts = (metric: string, label: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, of(metric, "count", { [label]: name })]));
  const [offered, achieved] = [of("offered_bytes", "rate"), of("achieved_bytes", "rate")];
  return {
    offered_bytes_per_second: Math.round(offered),
    achieved_bytes_per_second: Math.round(achieved),
    offered_messages_per_second: rounded(offered / bytes),
    achieved_messages_per_second: rounded(achieved / bytes),
    round_trip_ms: measured.percentiles("round_trip", labels),
    ticks: counts("ticks", "outcome", OUTCOMES),
    bytes: counts("echo_bytes", "fault", FAULTS),
    connections: counts("connections", "event", EVENTS),
    generator: {
      lateness_ms_p99: rounded(measured.figure({ metric: "lateness", figure: "p99" }) ?? 0),
      cpu: rounded(measured.figure({ metric: "generator_cpu", figure: "mean" }) ?? 0),
      valid: measured.invalid === undefined,
    },
  };
}

/** The most frequent first. */
function dropsOf(measured: MeasuredPart) {
  return measured
    .series("drops")
    .map((labels) => ({
      code: labels.code ?? "",
      reason: labels.reason ?? "",
      count: measured.figure({ metric: "drops", figure: "count", labels: { ...labels } }) ?? 0,
      after_ms_p50: Math.round(
        measured.figure({ metric: "drops", figure: "p50", labels: { ...labels } }) ?? 0,
      ),
    }))
    .sort((a, b) => b.count - a.count)
    .slice(0, SHOWN_DROPS);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
