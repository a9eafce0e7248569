import { plural, t } from "../../../../l10n/text.ts";
import type { Again } from "../../../model/runs/asked.ts";
import type { PastRun } from "../../../model/runs/run-list.ts";
import { distinct, lineId } from "../../../ui/tree-ids.ts";
import type { TreeLine } from "../../../ui/tree-line.ts";
import { dayText, type EndedNode, endedNode, isSameDay } from "./ended.ts";

/** Runs that are over: what has to be cleaned up, or a day. */
export interface GroupNode extends TreeLine {
  expanded: boolean;
  runs: readonly EndedNode[];
}

/**
 * Of runs that are over, the newest first: those that have left something, then today's, then the earlier ones by their
 * day. Each run stands in one of them.
 */
export function groupsOf(
  past: readonly PastRun[],
  filter: string,
  now = Date.now(),
  again: (run: PastRun) => Again = () => "whole",
): GroupNode[] {
  // A folder that was copied has the id of the other.
  const shown = distinct(past.map((run) => endedNode(run, now, again(run)))).filter((node) =>
    isMatch(node, filter),
  );
  const left = shown.filter(({ needsCleanUp }) => needsCleanUp);
  const days = new Map<string, EndedNode[]>();
  for (const node of shown.filter(({ needsCleanUp }) => !needsCleanUp)) {
    const day = new Date(node.at).toDateString();
    days.set(day, [...(days.get(day) ?? []), node]);
  }
  // What is looked for is to be seen.
  const isFiltered = filter.trim() !== "";
  return [
    ...(left.length > 0 ? [cleanUpGroup(left)] : []),
    ...[...days].map(([day, runs]) => dayGroup(day, runs, isFiltered, now)),
  ];
}

function isMatch({ label, description, tooltip }: EndedNode, filter: string): boolean {
  const text = filter.trim().toLowerCase();
  return text === "" || `${label} ${description} ${tooltip}`.toLowerCase().includes(text);
}

function cleanUpGroup(runs: readonly EndedNode[]): GroupNode {
  const label = t("Needs Clean-Up");
  const description = runsText(runs.length);
  return {
    id: lineId("group", "clean-up"),
    label,
    description,
    tooltip: t("Runs that have left workspaces, users or tokens on a deployment"),
    spoken: `${label}, ${description}`,
    icon: "trash",
    colour: "list.warningForeground",
    context: "group",
    expanded: true,
    runs,
  };
}

function dayGroup(day: string, runs: readonly EndedNode[], isFiltered: boolean, now: number): GroupNode {
  const at = runs[0]?.at ?? now;
  const isToday = isSameDay(at, now);
  const label = isToday ? t("Today") : isSameDay(at, dayBefore(now)) ? t("Yesterday") : dayText(at, now);
  const description = runsText(runs.length);
  return {
    id: lineId("group", day),
    label,
    description,
    tooltip: `${label}, ${description}`,
    spoken: `${label}, ${description}`,
    icon: "calendar",
    context: "group",
    expanded: isToday || isFiltered,
    runs,
  };
}

/** By the calendar: a day may have 23 or 25 hours. */
function dayBefore(now: number): number {
  const day = new Date(now);
  day.setDate(day.getDate() - 1);
  return day.getTime();
}

function runsText(count: number): string {
  return plural(count, { one: "{0} run", other: "{0} runs" });
}
