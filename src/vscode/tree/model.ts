import type { Cause, Counts, Snapshot, Stage } from "../../protocol/snapshot.ts";
import type { WatchedRun } from "../runs/watched-run.ts";
import { interruptedText, isPaused, plural, progressText, shortProgress, stateWord } from "../text.ts";

/** A line of the tree "Active Tests", without the editor in it. */
export interface TreeNode {
  id: string;
  label: string;
  description: string;
  tooltip: string;
  /** What a screen reader says. */
  spoken: string;
  icon: string;
  /** Id of a theme colour for the icon. */
  colour?: string;
  /** For `when` clauses of menus. */
  context: string;
  /** The run that commands on this line are about. */
  runId: string;
  expanded?: boolean;
  children: TreeNode[];
}

/** What the model needs of a run. */
export type TreeRun = Pick<WatchedRun, "id" | "title" | "condition" | "active" | "snapshot" | "remains"> & {
  file: { deployment: { host: string } };
};

const COLOURS = {
  good: "testing.iconPassed",
  bad: "testing.iconFailed",
  waiting: "testing.iconQueued",
  warning: "list.warningForeground",
} as const;

export function treeOf(runs: readonly TreeRun[]): TreeNode[] {
  return runs.map(runNode);
}

function runNode(run: TreeRun): TreeNode {
  const { snapshot } = run;
  const known = snapshot && run.condition !== "lost" ? snapshot : undefined;
  const text = known ? progressText(known) : conditionText(run);
  const host = snapshot?.run.deployment.host || run.file.deployment.host;
  return {
    id: run.id,
    label: run.title,
    description: known ? shortProgress(known) : text,
    tooltip: `${run.title} on ${host}: ${text}`,
    spoken: `${run.title}, ${text}`,
    ...runIcon(run),
    context: runContext(run),
    runId: run.id,
    expanded: run.active,
    children: snapshot ? childrenOf(run.id, snapshot) : [],
  };
}

function conditionText(run: TreeRun): string {
  switch (run.condition) {
    case "lost":
      return interruptedText(run.remains);
    case "foreign":
      return "of another version: can only be stopped";
    default:
      return "starting";
  }
}

function runContext(run: TreeRun): string {
  if (run.condition === "lost") return "run.lost";
  if (!run.active) return "run.ended";
  if (run.snapshot && isPaused(run.snapshot)) return "run.paused";
  const state = run.snapshot?.state;
  return state === "stopping" || state === "cleaning" ? "run.stopping" : "run.active";
}

function runIcon({ condition, snapshot }: TreeRun): Pick<TreeNode, "icon" | "colour"> {
  if (condition === "lost") return { icon: "debug-disconnect", colour: COLOURS.warning };
  if (snapshot && isPaused(snapshot)) return { icon: "debug-pause", colour: COLOURS.warning };
  switch (snapshot?.outcome?.verdict) {
    case undefined:
      return { icon: "loading~spin" };
    case "passed":
      return { icon: "pass", colour: COLOURS.good };
    case "interrupted":
      return { icon: "debug-pause", colour: COLOURS.warning };
    default:
      return { icon: "error", colour: COLOURS.bad };
  }
}

function childrenOf(runId: string, snapshot: Snapshot): TreeNode[] {
  const jobs = jobStage(snapshot.stages);
  const stages = snapshot.stages.map((stage) =>
    stageNode(runId, stage, stage === jobs ? snapshot.counts : undefined),
  );
  return snapshot.causes.length > 0 ? [...stages, errorsNode(runId, snapshot)] : stages;
}

/** The stage whose workspaces the counts are about: the first that has something to count. */
function jobStage(stages: readonly Stage[]): Stage | undefined {
  return stages.find((stage) => stage.total > 0);
}

const STAGE_ICONS: Record<Stage["state"], Pick<TreeNode, "icon" | "colour">> = {
  pending: { icon: "circle-outline", colour: COLOURS.waiting },
  active: { icon: "loading~spin" },
  done: { icon: "pass", colour: COLOURS.good },
  failed: { icon: "error", colour: COLOURS.bad },
  skipped: { icon: "circle-slash", colour: COLOURS.waiting },
};

function stageNode(runId: string, stage: Stage, counts: Counts | undefined): TreeNode {
  const counted = stage.total > 0 && stage.state !== "pending" && stage.state !== "skipped";
  const description = counted
    ? `${stage.done} of ${stage.total}`
    : stage.state === "skipped"
      ? "skipped"
      : "";
  return {
    id: `${runId}/stage/${stage.id}`,
    label: stage.label,
    description,
    tooltip: [stage.label, stage.state, description].filter(Boolean).join(", "),
    spoken: [stage.label, stage.state, description].filter(Boolean).join(", "),
    ...STAGE_ICONS[stage.state],
    context: "stage",
    runId,
    expanded: stage.state === "active",
    children: counts ? countNodes(runId, counts) : [],
  };
}

const COUNTS: readonly {
  key: Exclude<keyof Counts, "total">;
  label: string;
  icon: string;
  colour?: string;
}[] = [
  { key: "waiting", label: "waiting", icon: "circle-outline" },
  { key: "creating", label: "creating", icon: "add", colour: "charts.purple" },
  { key: "queued", label: "queued", icon: "clock", colour: "charts.yellow" },
  { key: "building", label: "building", icon: "tools", colour: "charts.blue" },
  { key: "starting", label: "starting", icon: "rocket" },
  { key: "active", label: "in use", icon: "terminal", colour: "charts.green" },
  { key: "succeeded", label: "succeeded", icon: "check", colour: "charts.green" },
  { key: "failed", label: "failed", icon: "close", colour: "charts.red" },
  { key: "canceled", label: "canceled", icon: "circle-slash" },
];

function countNodes(runId: string, counts: Counts): TreeNode[] {
  return COUNTS.filter(({ key }) => counts[key] > 0).map(({ key, label, icon, colour }) => ({
    id: `${runId}/count/${key}`,
    label,
    description: String(counts[key]),
    tooltip: `${plural(counts[key], "workspace")} ${label}`,
    spoken: `${plural(counts[key], "workspace")} ${label}`,
    icon,
    ...(colour ? { colour } : {}),
    context: "count",
    runId,
    children: [],
  }));
}

function errorsNode(runId: string, { causes, causesOmitted }: Snapshot): TreeNode {
  const total = causes.reduce((sum, cause) => sum + cause.count, 0);
  return {
    id: `${runId}/errors`,
    label: "Errors",
    description: plural(causes.length + causesOmitted, "cause"),
    tooltip: `${plural(total, "error")} by cause`,
    spoken: `${plural(total, "error")} by cause`,
    icon: "error",
    colour: COLOURS.bad,
    context: "errors",
    runId,
    expanded: true,
    children: causes.map((cause) => causeNode(runId, cause)),
  };
}

function causeNode(runId: string, { id, cause, count, example }: Cause): TreeNode {
  return {
    id: `${runId}/cause/${id}/${cause}`,
    label: cause,
    description: `${count}×`,
    tooltip: `${cause}\n${example.workspace}: ${example.message}`,
    spoken: `${cause}, ${count} times, for example ${example.workspace}`,
    icon: "circle-filled",
    colour: COLOURS.bad,
    context: "cause",
    runId,
    children: [],
  };
}

/** For the view's badge and description. */
export function summaryOf(runs: readonly TreeRun[]): { active: number; text: string } {
  const active = runs.filter((run) => run.active);
  const [only] = active;
  const text = active.length === 1 && only?.snapshot ? stateWord(only.snapshot) : "";
  return { active: active.length, text };
}
