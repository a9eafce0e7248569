import { formatDuration } from "../protocol/duration.ts";
import type { WeeklyPeak } from "../protocol/weekly-peak.ts";
import { english } from "../text/message.ts";
import type { MeasuredPlan } from "./measured-plan.ts";
import { measuredLines } from "./measured-text.ts";
import { sayPeak } from "./peak.ts";
import type { Plan, Provisioners } from "./plan.ts";
import { nearestTest } from "./published.ts";

/** A plan as people read it on a terminal. */
export function planText(plan: Plan, measured?: MeasuredPlan, peak?: WeeklyPeak): string {
  const { because } = plan;
  const rows: [string, string, string][] = [
    [
      "coderd",
      `${plan.coderd.replicas} × ${plan.coderd.cores} cores, ${plan.coderd.memory} GB`,
      english(because.coderd),
    ],
    ["provisioner daemons", provisionersText(plan.provisioners), english(because.provisioners)],
    [
      "database",
      `${plan.database.cores} cores, ${plan.database.memory} GB, at least ${plan.database.connections} connections`,
      english(because.database),
    ],
    ["workspace nodes", nodesText(plan.workspaces), english(because.workspaces)],
  ];
  const [first, second] = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const { queue, steadyQueueMs } = plan;
  const test = nearestTest(plan.users);
  return `${[
    `${count(plan.users)} active users, ${count(plan.running)} workspaces that run, ${count(plan.builds)} builds at the same time`,
    `By: ${plan.source}`,
    "",
    ...rows.map(([what, size, why]) => `  ${what.padEnd(first ?? 0)}  ${size.padEnd(second ?? 0)}  ${why}`),
    "",
    `At nine o'clock, ${count(plan.starts)} starts over ${formatDuration(plan.windowMs)}: a build waits ${formatDuration(queue.p50Ms)} (p50), ${formatDuration(queue.p95Ms)} (p95), ${formatDuration(queue.maxMs)} (max); all have ended after ${formatDuration(queue.allDoneMs)}.`,
    `With ${count(plan.daemonsForAMinute)} daemons, 95 of 100 of them wait for less than a minute.`,
    steadyQueueMs === null
      ? "At that rate all day, the daemons would not keep up: the queue would grow."
      : `At that rate all day, a build waits ${formatDuration(steadyQueueMs)} on average.`,
    ...plan.notes.map((note) => `Note: ${english(note)}.`),
    `The nearest published test: ${count(test.users)} users, ${test.builds} builds, ${count(test.connections)} connections on ${test.coderd.replicas} × ${test.coderd.cores} cores, ${test.coderd.memory} GB, database ${test.database} (Coder ${test.version}, ${test.tested}).`,
    ...(measured ? measuredLines(plan, measured) : []),
    ...(peak
      ? ["", `By Prometheus ${peak.source}:`, ...sayPeak(plan, peak).map((one) => `  ${english(one)}`)]
      : []),
  ].join("\n")}\n`;
}

function provisionersText({ daemons, perReplica, nodes }: Provisioners): string {
  if (nodes) return `${nodes.count} × ${nodes.daemons} daemons on ${nodes.cores} cores, ${nodes.memory} GB`;
  return `${daemons}, ${perReplica ?? 0} in each replica`;
}

function nodesText({ nodes, node, count: workspaces }: Plan["workspaces"]): string {
  if (!Number.isFinite(nodes)) return `none fit on ${node.cores} cores, ${node.memory} GB`;
  return `${count(nodes)} × ${node.cores} cores, ${node.memory} GB for ${count(workspaces)} workspaces`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
