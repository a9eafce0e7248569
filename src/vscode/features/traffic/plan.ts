import { formatCount, formatLoad, formatMessages, formatRate } from "../../../l10n/figures.ts";
import { plural, t } from "../../../l10n/text.ts";
import type { Guard } from "../../../protocol/guard.ts";
import { type MessageLoad, messagesPerSecond, parseRate } from "../../../protocol/rate.ts";
import { roundDuration } from "../../ask/steps.ts";
import type { Transport } from "./draft.ts";

/** What is about to be started, for the last question. Rates are bytes a second, durations milliseconds. */
export interface TrafficPlan {
  host: string;
  workspaces: number;
  connectionsPerWorkspace: number;
  transport: Transport;
  rate: number;
  /** A connection sends one message in this time. */
  intervalMs: number;
  rampMs: number;
  warmUpMs: number;
  durationMs: number;
  /** Where the load comes from. */
  from: string;
}

export function transportName(transport: Transport): string {
  if (transport === "ssh") return t("SSH");
  if (transport === "terminal") return t("web terminal");
  return t("app {0}", transport.app);
}

export function connectionsOf(plan: Pick<TrafficPlan, "workspaces" | "connectionsPerWorkspace">): number {
  return plan.workspaces * plan.connectionsPerWorkspace;
}

/** What one connection sends. */
export function loadOf({ rate, intervalMs }: Pick<TrafficPlan, "rate" | "intervalMs">): MessageLoad {
  return { bytes: Math.round((rate * intervalMs) / 1_000), intervalMs };
}

/** `400 messages/s, 1.60 MB/s`: of so many connections. */
export function sumText(connections: number, load: MessageLoad): string {
  const messages = connections * messagesPerSecond(load);
  return t("{0}, {1}", formatMessages(messages), formatRate(messages * load.bytes));
}

/** One sentence that says what will happen; short enough for one line of a pick list. */
export function trafficSentence(plan: TrafficPlan): string {
  const load = loadOf(plan);
  return plural(
    connectionsOf(plan),
    {
      one: "For {3}: {0} connection × {1} = {2} each way.",
      other: "For {3}: {0} connections × {1} = {2} each way.",
    },
    formatLoad(load),
    sumText(connectionsOf(plan), load),
    roundDuration(plan.durationMs),
  );
}

/** What it goes to, and how. */
export function waySentence({ transport, workspaces, host }: TrafficPlan): string {
  return plural(
    workspaces,
    { one: "To {0} workspace on {1}, by {2}.", other: "To {0} workspaces on {1}, by {2}." },
    host,
    transportName(transport),
  );
}

/** What comes before the measured part. */
export function courseSentence({ rampMs, warmUpMs, durationMs }: TrafficPlan): string {
  const [ramp, warmUp, measured] = [rampMs, warmUpMs, durationMs].map(roundDuration) as [
    string,
    string,
    string,
  ];
  if (rampMs > 0)
    return warmUpMs > 0
      ? t("Connections open over {0}, {1} of warm-up, {2} measured.", ramp, warmUp, measured)
      : t("Connections open over {0}, {1} measured.", ramp, measured);
  return warmUpMs > 0
    ? t("Connections open all at once, {0} of warm-up, {1} measured.", warmUp, measured)
    : t("Connections open all at once, {0} measured.", measured);
}

/** What it comes to. */
export function trafficCost(plan: TrafficPlan): string {
  const seconds = (plan.warmUpMs + plan.durationMs) / 1_000;
  const messages = connectionsOf(plan) * messagesPerSecond(plan) * seconds;
  return plural(
    Math.round(messages),
    {
      one: "About {0} message, {1} each way in all. The workspaces are not changed.",
      other: "About {0} messages, {1} each way in all. The workspaces are not changed.",
    },
    formatBytes(messages * loadOf(plan).bytes),
  );
}

/** As short as that of a creation: in the tree, progress stands beside it. */
export function trafficTitle(plan: TrafficPlan): string {
  const load = `${connectionsOf(plan)} × ${formatLoad(loadOf(plan))}`;
  return plan.transport === "terminal"
    ? t("traffic {0}", load)
    : t("traffic {0} by {1}", load, transportName(plan.transport));
}

/** `1.20 GB`: three digits. */
export function formatBytes(bytes: number): string {
  return formatRate(bytes).replace(/\/s$/, "");
}

/** undefined where a rate can be used for so many connections, else what is wrong. */
export function rateProblem(text: string, connections: number, limits: Guard["limits"]): string | undefined {
  const rate = parseRate(text);
  if (rate === undefined) return t("A rate such as 40KB/s (KB = 1,000, KiB = 1,024)");
  const ceiling = limits.bytesPerSecond;
  if (ceiling === undefined || rate * connections <= ceiling) return undefined;
  return t(
    "{0} in all; the limit that is set here is {1}",
    formatRate(rate * connections),
    formatRate(ceiling),
  );
}

/** undefined where so many connections may be held, else what is wrong. */
export function connectionsProblem(
  perWorkspace: number,
  workspaces: number,
  rate: number,
  limits: Guard["limits"],
): string | undefined {
  const all = perWorkspace * workspaces;
  if (limits.connections !== undefined && all > limits.connections)
    return plural(
      all,
      {
        one: "{0} connection in all; the limit that is set here is {1}",
        other: "{0} connections in all; the limit that is set here is {1}",
      },
      formatCount(limits.connections),
    );
  if (limits.bytesPerSecond !== undefined && all * rate > limits.bytesPerSecond)
    return t(
      "{0} in all; the limit that is set here is {1}",
      formatRate(all * rate),
      formatRate(limits.bytesPerSecond),
    );
  return undefined;
}
