import { describeRun } from "../../contract/describe.ts";
import type { Description, FigureRef, Figures, FigureUnit } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import type { Percentiles } from "../../protocol/percentile.ts";
import { FIGURES } from "../../protocol/percentile.ts";
import type { Part } from "../../protocol/snapshot.ts";
import { foreign, type Message, say } from "../../text/message.ts";
import { describeTraffic } from "./describe.ts";
import type { Traffic, TrafficPart, TrafficSample } from "./version-1-schema.ts";
import { trafficSampleSchema, trafficSchema } from "./version-1-schema.ts";

/** What the record of a run of version 1 says of traffic, put as later versions put it. */
export interface OlderLoad {
  description: Description;
  figures: Figures;
  part: Part;
  /** Why the whole run did not count; undefined where it did. */
  invalid: Message | undefined;
  /** Of one second: the values that it has, by key of figure. */
  second(sample: unknown): Record<string, number>;
  /** Which of the seconds are of its steady part: all of the load was on. Older versions say no more. */
  steady(samples: readonly unknown[]): boolean[];
}

const TRANSPORTS = ["pty", "ssh", "app"] as const;

/** undefined where the record has none. */
export function olderLoad(snapshot: { traffic?: unknown }): OlderLoad | undefined {
  const traffic = trafficSchema.safeParse(snapshot.traffic).data;
  if (!traffic) return undefined;
  const bytes = traffic.message?.bytes ?? 1;
  return {
    description: describeRun(describeTraffic(bytes, traffic.lateLimitMs ?? 10)),
    figures: figuresOf(traffic, bytes),
    part: { id: "over", label: say("over"), remainingMs: 0, over: true },
    invalid: traffic.invalid === null ? undefined : foreign(traffic.invalid),
    steady: (samples) => {
      const offered = samples.map(
        (sample) => trafficSampleSchema.safeParse(sample).data?.offeredBytesPerSecond ?? 0,
      );
      const full = Math.max(0, ...offered);
      return offered.map((one) => one > 0 && one >= full * 0.9);
    },
    second: (sample) => {
      const of = trafficSampleSchema.safeParse(sample).data;
      return of ? valuesOf(of, bytes) : {};
    },
  };
}

function figuresOf(traffic: Traffic, bytes: number): Figures {
  const figures: Figures = {};
  const put = (ref: FigureRef, value: number, unit: FigureUnit, of?: Percentiles, figure?: string) => {
    const isOpen = of?.atLeast?.some((one) => one === figure);
    const { count = 0, unfinished = 0 } = of ?? {};
    const atLeast = isOpen ? { unfinished, of: count + unfinished } : undefined;
    figures[figureKey(ref)] = { value, unit, ...(atLeast ? { atLeast } : {}) };
  };
  const percentiles = (metric: string, of: Percentiles, labels?: Record<string, string>) => {
    if (of.count + (of.unfinished ?? 0) === 0) return;
    const cut = labels ? { labels } : {};
    for (const figure of FIGURES) put({ metric, figure, ...cut }, of[figure], "duration", of, figure);
    put({ metric, figure: "count", ...cut }, of.count + (of.unfinished ?? 0), "count");
  };
  const part = (of: TrafficPart, labels?: Record<string, string>) => {
    const cut = labels ? { labels } : {};
    percentiles("round_trip", of.roundTrip, labels);
    for (const [alias, n] of Object.entries(of.ticks))
      put({ metric: "ticks", figure: alias, ...cut }, n ?? 0, "count");
    for (const [alias, n] of Object.entries(of.connections))
      put({ metric: "connections", figure: alias, ...cut }, n, "count");
    for (const [fault, n] of Object.entries(of.bytes))
      put({ metric: "echo_bytes", figure: "count", labels: { ...labels, fault } }, n, "bytes");
    put({ metric: "offered_bytes", figure: "rate", ...cut }, of.offeredBytesPerSecond, "bytes_per_second");
    put({ metric: "achieved_bytes", figure: "rate", ...cut }, of.achievedBytesPerSecond, "bytes_per_second");
    const rate = (outcome: string, perSecond: number) =>
      put(
        { metric: "ticks", figure: "rate", labels: { ...labels, outcome } },
        perSecond / bytes,
        "per_second",
      );
    rate("due", of.offeredBytesPerSecond);
    rate("carried", of.achievedBytesPerSecond);
    if (of.offeredBytesPerSecond > 0)
      put(
        { metric: "achieved", figure: "rate", ...cut },
        of.achievedBytesPerSecond / of.offeredBytesPerSecond,
        "share",
      );
  };
  part(traffic.total);
  for (const transport of TRANSPORTS) {
    const of = traffic[transport];
    if (of) part(of, { transport });
  }
  percentiles("reconnect", traffic.reconnect);
  put(
    { metric: "open_connections", figure: "last", labels: { state: "planned" } },
    traffic.connections.planned,
    "count",
  );
  for (const { code, reason, count, afterMs } of traffic.drops) {
    put({ metric: "drops", figure: "count", labels: { code, reason } }, count, "count");
    put({ metric: "drops", figure: "p50", labels: { code, reason } }, afterMs, "duration");
  }
  for (const { shard, connections, latenessP99Ms, busy, backlogBytes } of traffic.shards) {
    const labels = { place: String(shard) };
    put({ metric: "place_connections", figure: "max", labels }, connections, "count");
    put({ metric: "lateness", figure: "p99", labels }, latenessP99Ms, "duration");
    put({ metric: "place_busy", figure: "mean", labels }, busy, "share");
    put({ metric: "place_backlog", figure: "max", labels }, backlogBytes, "bytes");
  }
  return figures;
}

function valuesOf(sample: TrafficSample, bytes: number): Record<string, number> {
  const { roundTrip, ticks, connections, offeredBytesPerSecond: offered } = sample;
  const achieved = sample.achievedBytesPerSecond;
  const key = (metric: string, figure: string, labels?: Record<string, string>) =>
    figureKey({ metric, figure, ...(labels ? { labels } : {}) });
  const { planned, opening, active, reconnecting, down } = connections;
  const open = { opening, active, reconnecting, down };
  const waiting = Math.max(0, planned - opening - active - reconnecting - down);
  return {
    ...Object.fromEntries(
      roundTrip.count > 0 ? FIGURES.map((figure) => [key("round_trip", figure), roundTrip[figure]]) : [],
    ),
    [key("round_trip", "count")]: roundTrip.count,
    [key("ticks", "rate", { outcome: "due" })]: offered / bytes,
    [key("ticks", "rate", { outcome: "carried" })]: achieved / bytes,
    [key("offered_bytes", "rate")]: offered,
    [key("achieved_bytes", "rate")]: achieved,
    ...(offered > 0 ? { [key("achieved", "rate")]: achieved / offered } : {}),
    ...Object.fromEntries(Object.entries(ticks).map(([alias, n]) => [key("ticks", alias), n ?? 0])),
    ...Object.fromEntries(
      Object.entries({ ...open, waiting }).map(([state, n]) => [
        key("open_connections", "last", { state }),
        n,
      ]),
    ),
    [key("outstanding", "last")]: sample.outstanding,
    [key("lateness", "p99")]: sample.latenessP99Ms,
  };
}
