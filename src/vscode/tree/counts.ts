import { formatCount } from "../../l10n/figures.ts";
import { type Forms, plural, t } from "../../l10n/text.ts";
import type { Counts } from "../../protocol/snapshot.ts";
import { lineId } from "../tree-ids.ts";
import type { TreeNode } from "./node.ts";

interface CountLine {
  key: Exclude<keyof Counts, "total">;
  label: string;
  forms: Forms;
  icon: string;
  colour?: string;
}

const countLines = (): CountLine[] => [
  {
    key: "waiting",
    label: t("waiting"),
    forms: { one: "{0} workspace waiting", other: "{0} workspaces waiting" },
    icon: "circle-outline",
  },
  {
    key: "creating",
    label: t("creating"),
    forms: { one: "{0} workspace creating", other: "{0} workspaces creating" },
    icon: "add",
    colour: "charts.purple",
  },
  {
    key: "queued",
    label: t("queued"),
    forms: { one: "{0} workspace queued", other: "{0} workspaces queued" },
    icon: "clock",
    colour: "charts.yellow",
  },
  {
    key: "building",
    label: t("building"),
    forms: { one: "{0} workspace building", other: "{0} workspaces building" },
    icon: "tools",
    colour: "charts.blue",
  },
  {
    key: "starting",
    label: t("starting"),
    forms: { one: "{0} workspace starting", other: "{0} workspaces starting" },
    icon: "rocket",
  },
  {
    key: "active",
    label: t("in use"),
    forms: { one: "{0} workspace in use", other: "{0} workspaces in use" },
    icon: "terminal",
    colour: "charts.green",
  },
  {
    key: "succeeded",
    label: t("succeeded"),
    forms: { one: "{0} workspace succeeded", other: "{0} workspaces succeeded" },
    icon: "check",
    colour: "charts.green",
  },
  {
    key: "failed",
    label: t("failed"),
    forms: { one: "{0} workspace failed", other: "{0} workspaces failed" },
    icon: "close",
    colour: "charts.red",
  },
  {
    key: "canceled",
    label: t("stopped"),
    forms: { one: "{0} workspace stopped", other: "{0} workspaces stopped" },
    icon: "stop-circle",
  },
];

/** A line for each state that workspaces are in. */
export function countNodes(runId: string, counts: Counts): TreeNode[] {
  return countLines()
    .filter(({ key }) => counts[key] > 0)
    .map(({ key, label, forms, icon, colour }) => ({
      id: lineId(runId, "count", key),
      label,
      description: formatCount(counts[key]),
      tooltip: plural(counts[key], forms),
      spoken: plural(counts[key], forms),
      icon,
      ...(colour ? { colour } : {}),
      context: "count",
      runId,
      children: [],
    }));
}
