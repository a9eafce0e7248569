import { formatCount } from "../../../../l10n/figures.ts";
import { lookedUp, plural } from "../../../../l10n/text.ts";
import type { Colour, JobState } from "../../../../protocol/description.ts";
import type { StepView } from "../../../../protocol/steps.ts";
import { lineId } from "../../../ui/tree-ids.ts";
import type { TreeNode } from "./node.ts";

/** VS Code's own colours for charts; but its orange is half transparent in the default themes: dark brown on dark. */
const COLOURS: Partial<Record<Colour, string>> = {
  blue: "charts.blue",
  green: "charts.green",
  orange: "symbolIcon.classForeground",
  pale: "charts.green",
  purple: "charts.purple",
  red: "charts.red",
  yellow: "charts.yellow",
};

/** A line for each state that jobs are in. */
export function countNodes(runId: string, { counts, description }: StepView): TreeNode[] {
  return description.states
    .filter(({ id }) => (counts[id] ?? 0) > 0)
    .map((state) => countNode(runId, state, counts[state.id] ?? 0));
}

function countNode(runId: string, state: JobState, count: number): TreeNode {
  const { id, label, icon, colour, ...forms } = state;
  const spoken = plural(count, forms);
  const shown = COLOURS[colour];
  return {
    id: lineId(runId, "count", id),
    label: lookedUp(label),
    description: formatCount(count),
    tooltip: spoken,
    spoken,
    icon,
    ...(shown ? { colour: shown } : {}),
    context: "count",
    runId,
    children: [],
  };
}
