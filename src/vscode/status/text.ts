import { formatDuration } from "../../protocol/duration.ts";
import type { Snapshot } from "../../protocol/snapshot.ts";
import { isPaused, plural, progressText, ready, shortProgress, stateWord, timeLeft } from "../text.ts";
import type { TreeRun } from "../tree/model.ts";

export interface StatusContent {
  text: string;
  /** What a screen reader says: no icon names. */
  spoken: string;
  background: "error" | "warning" | undefined;
  /** Markdown with command links. */
  tooltip: string;
}

/** What the status bar shows: one run by its figures, several by their sums, none: nothing. */
export function statusOf(runs: readonly TreeRun[]): StatusContent | undefined {
  const active = runs.filter((run) => run.active);
  if (active.length === 0) return undefined;
  const snapshots = active.flatMap((run) => run.snapshot ?? []);
  const [only] = active;
  const failed = sum(snapshots, (snapshot) => snapshot.counts.failed);
  const text = active.length === 1 && only ? oneText(only) : severalText(active.length, snapshots, failed);
  const icon = snapshots.length > 0 && snapshots.every(isPaused) ? "debug-pause" : "loading~spin";
  return {
    text: `$(${icon}) ${text}`,
    spoken: `Scale test: ${text}`,
    background: failed > 0 ? "warning" : undefined,
    tooltip: tooltipOf(active),
  };
}

/** What it shows for a while after a run's end. */
export function verdictStatus(run: TreeRun): StatusContent | undefined {
  const { snapshot } = run;
  const tooltip = tooltipOf([run]);
  if (run.condition === "lost") {
    const text = `${run.title}: runner lost`;
    return {
      text: `$(debug-disconnect) ${text}`,
      spoken: `Scale test: ${text}`,
      background: "error",
      tooltip,
    };
  }
  if (!snapshot?.outcome) return undefined;
  const { verdict, succeeded } = snapshot.outcome;
  const text = `${stateWord(snapshot)} · ${succeeded}/${snapshot.counts.total}`;
  const icon = verdict === "passed" ? "pass" : verdict === "interrupted" ? "debug-pause" : "error";
  const background = verdict === "passed" || verdict === "interrupted" ? undefined : "error";
  return { text: `$(${icon}) ${text}`, spoken: `Scale test ${text}`, background, tooltip };
}

function oneText({ snapshot }: TreeRun): string {
  if (!snapshot || snapshot.counts.total === 0) return "starting";
  return [shortProgress(snapshot), timeLeft(snapshot)].filter(Boolean).join(" · ");
}

function severalText(tests: number, snapshots: readonly Snapshot[], failed: number): string {
  const done = sum(snapshots, ({ counts }) => ready(counts));
  const total = sum(snapshots, ({ counts }) => counts.total);
  return [plural(tests, "test"), `${done}/${total}`, failed > 0 ? `${failed} failed` : ""]
    .filter(Boolean)
    .join(" · ");
}

function tooltipOf(runs: readonly TreeRun[]): string {
  return runs.map(runTooltip).join("\n\n---\n\n");
}

function runTooltip(run: TreeRun): string {
  const { snapshot } = run;
  const links = [link("Show panel", "scaletest.showPanel", run.id)];
  if (run.active) {
    links.push(
      link("Stop", "scaletest.stop", run.id),
      link("Stop and keep", "scaletest.stopAndKeep", run.id),
    );
  }
  const heading = `**${escapeMarkdown(run.title)}**`;
  const table = snapshot && snapshot.counts.total > 0 ? figuresTable(snapshot) : "";
  const text = snapshot ? escapeMarkdown(progressText(snapshot)) : "starting";
  return [heading, text, table, links.join(" · ")].filter(Boolean).join("\n\n");
}

function figuresTable({ counts, phases, api }: Snapshot): string {
  const slowest = [...phases].sort((a, b) => b.p95 - a.p95)[0];
  const rows = [
    ["ready", `${ready(counts)} of ${counts.total}`],
    ["failed", String(counts.failed)],
    ["queued · building", `${counts.queued} · ${counts.building}`],
    ...(slowest
      ? [["slowest phase, p95", `${escapeMarkdown(slowest.label)} ${formatDuration(slowest.p95)}`]]
      : []),
    ["API calls a workspace", `${api.meanPerWorkspace.toFixed(1)}, at most ${api.maxPerWorkspace}`],
  ];
  return ["| | |", "|:--|--:|", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");
}

function link(text: string, command: string, runId: string): string {
  return `[${text}](command:${command}?${encodeURIComponent(JSON.stringify([runId]))})`;
}

/** Titles and server texts must not become links or markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$]/g, "\\$&").replace(/\s+/g, " ");
}

function sum(snapshots: readonly Snapshot[], value: (snapshot: Snapshot) => number): number {
  return snapshots.reduce((total, snapshot) => total + value(snapshot), 0);
}
