import {
  formatCount,
  formatDecimal,
  formatDuration,
  formatMessages,
  formatPerSecond,
  formatRate,
} from "../../l10n/figures.ts";
import { listed, plural, t } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import { isObserved, percentileText } from "../../protocol/percentile.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import type { Percentiles, Traffic, TrafficPart } from "../../protocol/traffic.ts";
import { type Figure, plain } from "./figure.ts";
import { formatShare, splitUnit } from "./format.ts";
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
  opening: { value: t("Opening"), detail: t("not measured yet") },
  warm_up: { value: t("Warming up"), detail: t("not measured yet") },
  measuring: { value: t("Measuring"), detail: "" },
  draining: { value: t("Draining"), detail: t("waiting for the last echoes") },
  over: { value: t("Over"), detail: t("figures of the measured part") },
};

function partFigure(traffic: Traffic): Figure {
  const { value, detail } = PARTS[traffic.part];
  const counting = traffic.part === "warm_up" || traffic.part === "measuring";
  const left =
    counting && traffic.remainingMs !== null ? t("{0} left", formatClock(traffic.remainingMs)) : "";
  return {
    ...plain,
    id: "part",
    label: t("Part of the run"),
    value,
    detail: [left, detail].filter(Boolean).join(" · "),
  };
}

function connectionsFigure({ part, connections, total }: Traffic): Figure {
  const { failed, dropped, reconnected } = total.connections;
  const bad = failed + dropped > 0;
  const detail = [
    failed > 0 ? t("{0} failed to open", formatCount(failed)) : "",
    dropped > 0 ? t("{0} dropped", formatCount(dropped)) : "",
    reconnected > 0 ? t("{0} reconnected", formatCount(reconnected)) : "",
  ].filter(Boolean);
  return {
    ...plain,
    id: "connections",
    label: part === "over" ? t("Connections opened") : t("Connections active"),
    value: formatCount(part === "over" ? total.connections.opened : connections.active),
    unit: t("of {0}", formatCount(connections.planned)),
    detail: detail.join(" · ") || t("none dropped"),
    detailTone: bad ? "bad" : "neutral",
  };
}

/** Of the last second while it goes on, of the measured part once that is over. */
function achievedFigure(traffic: Traffic): Figure {
  const over = traffic.part === "over" || traffic.part === "draining";
  const { offeredBytesPerSecond: offered, achievedBytesPerSecond: achieved } = over
    ? traffic.total
    : traffic.now;
  const share = offered > 0 ? formatShare(achieved / offered) : "";
  const { message } = traffic;
  const [value, unit] = splitUnit(formatRate(achieved));
  const base = {
    ...plain,
    id: "achieved",
    label: over ? t("Achieved, each way") : t("Achieved now, each way"),
  };
  if (!message)
    return {
      ...base,
      value,
      unit,
      detail: [t("of {0} offered", formatRate(offered)), share].filter(Boolean).join(" · "),
    };
  return {
    ...base,
    value: formatPerSecond(achieved / message.bytes),
    unit: t("of {0}", formatMessages(offered / message.bytes)),
    detail: [t("{0} of {1}", formatRate(achieved), formatRate(offered)), share].filter(Boolean).join(" · "),
  };
}

/** `495 messages/s · 1.98 MB/s`; of a run of an older version, the bytes alone. */
export function bothRates(bytesPerSecond: number, message: Traffic["message"]): string {
  const rate = formatRate(bytesPerSecond);
  return message ? `${formatMessages(bytesPerSecond / message.bytes)} · ${rate}` : rate;
}

function roundTripFigure({ total, now }: Traffic): Figure {
  const measured = isObserved(total.roundTrip);
  const trip = measured ? total.roundTrip : now.roundTrip;
  return {
    ...plain,
    id: "round_trip",
    label: measured ? t("Round trip p95, measured") : t("Round trip p95, now"),
    value: isObserved(trip) ? percentileText(trip, "p95", formatDuration) : "–",
    detail: tripDetail(trip),
  };
}

function tripDetail(trip: Percentiles): string {
  if (!isObserved(trip)) return t("no echo yet");
  return t(
    "p50 {0} · p99 {1}",
    percentileText(trip, "p50", formatDuration),
    percentileText(trip, "p99", formatDuration),
  );
}

function echoFigure({ ticks, bytes }: TrafficPart): Figure {
  const bad = ticks.lost + ticks.wrong;
  const detail = [
    ticks.lost > 0 ? t("{0} lost", formatCount(ticks.lost)) : "",
    ticks.wrong > 0 ? t("{0} wrong", formatCount(ticks.wrong)) : "",
    bytes.extra > 0 ? plural(bytes.extra, { one: "{0} byte too many", other: "{0} bytes too many" }) : "",
    ticks.missed > 0 ? t("{0} missed", formatShare(ticks.missed / Math.max(1, ticks.due))) : t("none missed"),
  ];
  return {
    ...plain,
    id: "echoes",
    label: t("Messages lost or wrong"),
    value: formatCount(bad),
    unit: t("of {0}", formatCount(ticks.sent)),
    tone: bad > 0 || bytes.extra > 0 ? "bad" : "neutral",
    detail: detail.filter(Boolean).join(" · "),
    detailTone: ticks.missed > 0 ? "warning" : "neutral",
  };
}

/** The engine's own rule decides what is invalid; the panel says how near it is. */
function generatorFigure({ outcome }: Snapshot, traffic: Traffic, samples: readonly Sample[]): Figure {
  const limit = traffic.lateLimitMs;
  const late = Math.max(0, ...traffic.shards.filter(({ alive }) => alive).map((one) => one.latenessP99Ms));
  const base = { ...plain, id: "generator", label: t("Generator") };
  if (outcome) {
    const [value, tone] = traffic.invalid
      ? ([t("saturated"), "bad"] as const)
      : ([t("kept up"), "good"] as const);
    return { ...base, value, tone, detail: endDetail(traffic) };
  }
  const isLate = limit !== undefined && late > limit;
  const [value, tone]: [string, Tone] = traffic.invalid
    ? [t("saturated"), "bad"]
    : isLate
      ? [t("late"), "warning"]
      : [t("healthy"), "good"];
  const cores = t("{0} cores", formatDecimal(samples.at(-1)?.cpu ?? 0, 2));
  return {
    ...base,
    value,
    tone,
    unit: isLate && !traffic.invalid ? t("for {0} s", Math.max(1, lateSeconds(samples, limit ?? 0))) : cores,
    detail:
      limit === undefined
        ? t("late p99 {0}", formatDuration(late))
        : t("late p99 {0} of {1}", formatDuration(late), formatDuration(limit)),
  };
}

function endDetail({ invalid, lateLimitMs }: Traffic): string {
  if (invalid) return t("the figures say nothing of the deployment");
  return lateLimitMs === undefined ? "" : t("never past {0} for 5 s", formatDuration(lateLimitMs));
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
    { label: t("web terminal"), part: traffic.pty },
    { label: t("SSH"), part: traffic.ssh },
    { label: t("app"), part: traffic.app },
  ].flatMap(({ label, part }) => (part ? [{ label, part }] : []));
  return kinds.length === 1 ? kinds : [...kinds, { label: t("all"), part: traffic.total }];
}

/** The measured part so far, a line for each figure. */
export function measuredLines(parts: readonly TrafficPart[], message: Traffic["message"]): MeasuredLine[] {
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
    line("offered", t("offered, each way"), (part) => bothRates(part.offeredBytesPerSecond, message)),
    line("achieved", t("achieved, each way"), (part) => bothRates(part.achievedBytesPerSecond, message)),
    line("p50", t("round trip p50"), trip("p50")),
    line("p95", t("round trip p95"), trip("p95")),
    line("p99", t("round trip p99"), trip("p99")),
    line("max", t("round trip max"), trip("max")),
    line("due", t("messages due"), ({ ticks }) => formatCount(ticks.due)),
    line(
      "missed",
      t("messages missed"),
      ({ ticks }) => formatCount(ticks.missed),
      any(({ ticks }) => ticks.missed),
    ),
    line(
      "skipped",
      t("of these by the generator"),
      ({ ticks }) => formatCount(ticks.skipped),
      any(({ ticks }) => ticks.skipped),
    ),
    line(
      "lost",
      t("echoes lost"),
      ({ ticks }) => formatCount(ticks.lost),
      any(({ ticks }) => ticks.lost),
    ),
    line(
      "wrong",
      t("echoes wrong"),
      ({ ticks }) => formatCount(ticks.wrong),
      any(({ ticks }) => ticks.wrong),
    ),
    line(
      "failed",
      t("connections failed"),
      ({ connections }) => formatCount(connections.failed),
      any(({ connections }) => connections.failed),
    ),
    line(
      "dropped",
      t("connections dropped"),
      ({ connections }) => formatCount(connections.dropped),
      any(({ connections }) => connections.dropped),
    ),
    line("reconnected", t("connections reconnected"), ({ connections }) =>
      formatCount(connections.reconnected),
    ),
  ];
}

/** The other side's own reason, or what its close code means where that is a standard one. */
export function dropMeaning({ code, reason }: Traffic["drops"][number]): string {
  return reason || CODES[code] || "";
}

/** RFC 6455, section 7.4.1; 1006 is never sent, it says that there was no close frame. */
const CODES: Readonly<Record<string, string>> = {
  "1000": t("closed normally"),
  "1001": t("the other side goes away"),
  "1002": t("protocol error"),
  "1006": t("ended without a close frame"),
  "1008": t("policy"),
  "1009": t("message too big"),
  "1011": t("error at the server"),
  "1012": t("the server restarts"),
  "1013": t("try again later"),
};

export function deadShards(traffic: Traffic): string {
  const dead = traffic.shards.filter(({ alive }) => !alive).map(({ shard }) => String(shard));
  if (dead.length === 0) return "";
  return plural(dead.length, { one: "{0} shard died: {1}", other: "{0} shards died: {1}" }, listed(dead));
}
