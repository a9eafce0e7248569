import { formatClock, formatDuration } from "../../protocol/duration.ts";
import { formatRate } from "../../protocol/rate.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import type { Percentiles, Traffic, TrafficPart } from "../../protocol/traffic.ts";
import { type Figure, plain } from "./figure.ts";
import { formatCount, formatShare, plural, splitUnit } from "./format.ts";
import type { Tone } from "./states.ts";

/** The large numbers of a run that makes traffic. */
export function trafficFigures(snapshot: Snapshot, traffic: Traffic, samples: readonly Sample[]): Figure[] {
  return [
    partFigure(traffic),
    connectionsFigure(traffic),
    achievedFigure(traffic),
    roundTripFigure(traffic),
    echoFigure(traffic.total),
    generatorFigure(snapshot, traffic, samples),
  ];
}

const PARTS: Record<Traffic["part"], { value: string; detail: string }> = {
  opening: { value: "Opening", detail: "not measured yet" },
  warm_up: { value: "Warming up", detail: "not measured yet" },
  measuring: { value: "Measuring", detail: "" },
  draining: { value: "Draining", detail: "waiting for the last echoes" },
  over: { value: "Over", detail: "figures of the measured part" },
};

function partFigure(traffic: Traffic): Figure {
  const { value, detail } = PARTS[traffic.part];
  const counting = traffic.part === "warm_up" || traffic.part === "measuring";
  const left = counting && traffic.remainingMs !== null ? `${formatClock(traffic.remainingMs)} left` : "";
  return {
    ...plain,
    id: "part",
    label: "Part of the run",
    value,
    detail: [left, detail].filter(Boolean).join(" · "),
  };
}

function connectionsFigure({ part, connections, total }: Traffic): Figure {
  const { failed, dropped, reconnected } = total.connections;
  const bad = failed + dropped > 0;
  const detail = [
    failed > 0 ? `${formatCount(failed)} failed to open` : "",
    dropped > 0 ? `${formatCount(dropped)} dropped` : "",
    reconnected > 0 ? `${formatCount(reconnected)} reconnected` : "",
  ].filter(Boolean);
  return {
    ...plain,
    id: "connections",
    label: part === "over" ? "Connections opened" : "Connections active",
    value: formatCount(part === "over" ? total.connections.opened : connections.active),
    unit: `of ${formatCount(connections.planned)}`,
    detail: detail.join(" · ") || "none dropped",
    detailTone: bad ? "bad" : "neutral",
  };
}

/** Of the last second while it goes on, of the measured part once that is over. */
function achievedFigure(traffic: Traffic): Figure {
  const over = traffic.part === "over" || traffic.part === "draining";
  const { offeredBytesPerSecond: offered, achievedBytesPerSecond: achieved } = over
    ? traffic.total
    : traffic.now;
  const [value, unit] = splitUnit(formatRate(achieved));
  const share = offered > 0 ? ` · ${formatShare(achieved / offered)}` : "";
  return {
    ...plain,
    id: "achieved",
    label: over ? "Achieved, each way" : "Achieved now, each way",
    value,
    unit,
    detail: `of ${formatRate(offered)} offered${share}`,
  };
}

function roundTripFigure({ total, now }: Traffic): Figure {
  const measured = total.roundTrip.count > 0;
  const trip = measured ? total.roundTrip : now.roundTrip;
  return {
    ...plain,
    id: "round_trip",
    label: measured ? "Round trip p95, measured" : "Round trip p95, now",
    value: trip.count > 0 ? formatDuration(trip.p95) : "–",
    detail: tripDetail(trip),
  };
}

function tripDetail(trip: Percentiles): string {
  if (trip.count === 0) return "no echo yet";
  return `p50 ${formatDuration(trip.p50)} · p99 ${formatDuration(trip.p99)}`;
}

function echoFigure({ ticks, bytes }: TrafficPart): Figure {
  const bad = ticks.lost + ticks.wrong;
  const detail = [
    ticks.lost > 0 ? `${formatCount(ticks.lost)} lost` : "",
    ticks.wrong > 0 ? `${formatCount(ticks.wrong)} wrong` : "",
    bytes.extra > 0 ? `${formatCount(bytes.extra)} bytes too many` : "",
    ticks.missed > 0 ? `${formatShare(ticks.missed / Math.max(1, ticks.due))} missed` : "none missed",
  ];
  return {
    ...plain,
    id: "echoes",
    label: "Ticks lost or wrong",
    value: formatCount(bad),
    unit: `of ${formatCount(ticks.sent)}`,
    tone: bad > 0 || bytes.extra > 0 ? "bad" : "neutral",
    detail: detail.filter(Boolean).join(" · "),
    detailTone: ticks.missed > 0 ? "warning" : "neutral",
  };
}

/** The engine's own rule decides what is invalid; the panel says how near it is. */
function generatorFigure({ outcome }: Snapshot, traffic: Traffic, samples: readonly Sample[]): Figure {
  const limit = traffic.lateLimitMs;
  const late = Math.max(0, ...traffic.shards.filter(({ alive }) => alive).map((one) => one.latenessP99Ms));
  const base = { ...plain, id: "generator", label: "Generator" };
  if (outcome) {
    const [value, tone] = traffic.invalid ? (["saturated", "bad"] as const) : (["kept up", "good"] as const);
    return { ...base, value, tone, detail: endDetail(traffic) };
  }
  const isLate = limit !== undefined && late > limit;
  const [value, tone]: [string, Tone] = traffic.invalid
    ? ["saturated", "bad"]
    : isLate
      ? ["late", "warning"]
      : ["healthy", "good"];
  const cores = `${(samples.at(-1)?.cpu ?? 0).toFixed(2)} cores`;
  return {
    ...base,
    value,
    tone,
    unit: value === "late" ? `for ${Math.max(1, lateSeconds(samples, limit ?? 0))} s` : cores,
    detail: `late p99 ${formatDuration(late)}${limit === undefined ? "" : ` of ${formatDuration(limit)}`}`,
  };
}

function endDetail({ invalid, lateLimitMs }: Traffic): string {
  if (invalid) return "the figures say nothing of the deployment";
  return lateLimitMs === undefined ? "" : `never past ${formatDuration(lateLimitMs)} for 5 s`;
}

/** For so many seconds, up to now, ticks were later than the limit. */
export function lateSeconds(samples: readonly Sample[], limitMs: number): number {
  let count = 0;
  while (count < samples.length) {
    const traffic = samples[samples.length - 1 - count]?.traffic;
    if (!traffic || traffic.latenessP99Ms <= limitMs) break;
    count++;
  }
  return count;
}

export interface MeasuredLine {
  id: string;
  label: string;
  /** One for each transport, in the order of `transports`. */
  values: string[];
  tone: Tone;
}

export interface Transport {
  label: string;
  part: TrafficPart;
}

/** Transports in use; with more than one of them, their sum too. */
export function transports(traffic: Traffic): Transport[] {
  const kinds = [
    { label: "web terminal", part: traffic.pty },
    { label: "SSH", part: traffic.ssh },
    { label: "app", part: traffic.app },
  ].flatMap(({ label, part }) => (part ? [{ label, part }] : []));
  return kinds.length === 1 ? kinds : [...kinds, { label: "all", part: traffic.total }];
}

/** The measured part so far, a line for each figure. */
export function measuredLines(parts: readonly TrafficPart[]): MeasuredLine[] {
  const line = (id: string, label: string, of: (part: TrafficPart) => string, bad = false): MeasuredLine => ({
    id,
    label,
    values: parts.map(of),
    tone: bad ? "bad" : "neutral",
  });
  const any = (of: (part: TrafficPart) => number) => parts.some((part) => of(part) > 0);
  const trip = (of: "p50" | "p95" | "p99" | "max") => (part: TrafficPart) =>
    part.roundTrip.count > 0 ? formatDuration(part.roundTrip[of]) : "–";
  return [
    line("offered", "offered, each way", (part) => formatRate(part.offeredBytesPerSecond)),
    line("achieved", "achieved, each way", (part) => formatRate(part.achievedBytesPerSecond)),
    line("p50", "round trip p50", trip("p50")),
    line("p95", "round trip p95", trip("p95")),
    line("p99", "round trip p99", trip("p99")),
    line("max", "round trip max", trip("max")),
    line("due", "ticks due", ({ ticks }) => formatCount(ticks.due)),
    line(
      "missed",
      "ticks missed",
      ({ ticks }) => formatCount(ticks.missed),
      any(({ ticks }) => ticks.missed),
    ),
    line(
      "skipped",
      "of these by the generator",
      ({ ticks }) => formatCount(ticks.skipped),
      any(({ ticks }) => ticks.skipped),
    ),
    line(
      "lost",
      "echoes lost",
      ({ ticks }) => formatCount(ticks.lost),
      any(({ ticks }) => ticks.lost),
    ),
    line(
      "wrong",
      "echoes wrong",
      ({ ticks }) => formatCount(ticks.wrong),
      any(({ ticks }) => ticks.wrong),
    ),
    line(
      "failed",
      "connections failed",
      ({ connections }) => formatCount(connections.failed),
      any(({ connections }) => connections.failed),
    ),
    line(
      "dropped",
      "connections dropped",
      ({ connections }) => formatCount(connections.dropped),
      any(({ connections }) => connections.dropped),
    ),
    line("reconnected", "connections reconnected", ({ connections }) => formatCount(connections.reconnected)),
  ];
}

/** The other side's own reason, or what its close code means where that is a standard one. */
export function dropMeaning({ code, reason }: Traffic["drops"][number]): string {
  return reason || CODES[code] || "";
}

/** RFC 6455, section 7.4.1; 1006 is never sent, it says that there was no close frame. */
const CODES: Readonly<Record<string, string>> = {
  "1000": "closed normally",
  "1001": "the other side goes away",
  "1002": "protocol error",
  "1006": "ended without a close frame",
  "1008": "policy",
  "1009": "message too big",
  "1011": "error at the server",
  "1012": "the server restarts",
  "1013": "try again later",
};

export function deadShards(traffic: Traffic): string {
  const dead = traffic.shards.filter(({ alive }) => !alive).map(({ shard }) => String(shard));
  if (dead.length === 0) return "";
  return `${plural(dead.length, "shard")} died: ${dead.join(", ")}`;
}
