import { FIGURES } from "../metrics/histogram.ts";
import { formatClock, formatDuration } from "../protocol/duration.ts";
import { isObserved, percentileText } from "../protocol/percentile.ts";
import { formatLoad, formatMessages, formatRate, roundPerSecond } from "../protocol/rate.ts";
import type { ResultPart, ResultTraffic } from "../protocol/result.ts";
import type { Traffic } from "../protocol/traffic.ts";

const LABELS = { pty: "web terminal", ssh: "SSH", app: "app" } as const;

/** The figures of the measured part, as a table. */
export function trafficTable(traffic: ResultTraffic): string[] {
  const used = (["pty", "ssh", "app"] as const).filter(
    (kind) => traffic[kind].ticks.due > 0 || traffic[kind].connections.opened > 0,
  );
  const { total } = traffic;
  return [
    row("Traffic", ["offered", "achieved", "p50", "p95", "p99", "max"]),
    ...used.map((kind) => partRow(LABELS[kind], traffic[kind])),
    ...(used.length > 1 ? [partRow("total", total)] : []),
    messagesLine(traffic),
    `  Messages: ${total.ticks.due} due, ${total.ticks.sent} sent, ${total.ticks.missed} missed, ${total.ticks.echoed} echoed${trailingText(total.ticks)}, ${total.ticks.wrong} wrong, ${total.ticks.lost} lost`,
    ...bytesLine(total),
    connectionsLine(traffic),
    ...traffic.drops.map(
      ({ code, reason, count, after_ms_p50 }) =>
        `      ${count} × code ${code}${reason ? ` (${reason})` : ""}, after ${formatDuration(after_ms_p50)} in the median`,
    ),
    `  Generator: ${formatDuration(total.generator.lateness_ms_p99)} late (p99), ${total.generator.cpu.toFixed(2)} cores`,
    "",
  ];
}

function messagesLine({
  total,
  message_bytes: bytes,
  message_interval_ms: intervalMs,
}: ResultTraffic): string {
  const { offered_messages_per_second: offered, achieved_messages_per_second: achieved } = total;
  return `  Load: ${formatLoad({ bytes, intervalMs })} a connection; ${roundPerSecond(achieved)} of ${formatMessages(offered)} in all`;
}

function row(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(14)}${cells.map((cell) => cell.padStart(11)).join("")}`;
}

function partRow(name: string, part: ResultPart): string {
  return row(name, [
    formatRate(part.offered_bytes_per_second),
    formatRate(part.achieved_bytes_per_second),
    ...FIGURES.map((figure) => percentileText(part.round_trip_ms, figure)),
  ]);
}

/** Rates are of the measured part: what came back after it counts in no rate. */
function trailingText({ trailing = 0 }: ResultPart["ticks"]): string {
  return trailing > 0 ? ` (${trailing} of them after the measured part)` : "";
}

function bytesLine({ bytes }: ResultPart): string[] {
  if (bytes.lost + bytes.wrong + bytes.extra === 0) return [];
  return [`  Bytes: ${bytes.lost} lost, ${bytes.wrong} wrong, ${bytes.extra} extra`];
}

function connectionsLine({ total, reconnect_ms: gap }: ResultTraffic): string {
  const { opened, failed, dropped, reconnected } = total.connections;
  const gaps = isObserved(gap)
    ? ` (gap ${percentileText(gap, "p50")} in the median, ${percentileText(gap, "max")} at most)`
    : "";
  return `  Connections: ${opened} opened, ${failed} not opened, ${dropped} dropped, ${reconnected} reconnected${gaps}`;
}

const PARTS: Record<Traffic["part"], string> = {
  opening: "opening",
  warm_up: "warming up",
  measuring: "measuring",
  draining: "waiting for the last echoes",
  over: "over",
};

/** For the line of progress. */
export function trafficLine(traffic: Traffic): string {
  const { now, connections, total } = traffic;
  const faults = [
    [total.ticks.missed, "missed"],
    [total.ticks.wrong, "wrong"],
    [total.ticks.lost, "lost"],
    [total.connections.dropped, "dropped"],
  ]
    .filter(([count]) => Number(count) > 0)
    .map(([count, label]) => `  ${count} ${label}`)
    .join("");
  const left = traffic.remainingMs ? `  ${formatClock(traffic.remainingMs)} left` : "";
  return `${PARTS[traffic.part]}${left}  ${connections.active}/${connections.planned} connections  ${rateText(traffic)}  p50 ${formatDuration(now.roundTrip.p50)} p99 ${formatDuration(now.roundTrip.p99)}${faults}`;
}

function rateText({ now, message }: Traffic): string {
  const { achievedBytesPerSecond: achieved, offeredBytesPerSecond: offered } = now;
  const messages = message
    ? `${roundPerSecond(achieved / message.bytes)} of ${formatMessages(offered / message.bytes)}, `
    : "";
  return `${messages}${formatRate(achieved)} of ${formatRate(offered)}`;
}
