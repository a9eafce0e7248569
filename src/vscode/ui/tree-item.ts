import { ThemeColor, ThemeIcon, TreeItem, type TreeItemCollapsibleState } from "vscode";
import type { TreeLine } from "./tree-line.ts";

/** A line as the editor draws it. Every tree of ours is drawn by this. */
export function treeItemOf(line: TreeLine, collapsible: TreeItemCollapsibleState): TreeItem {
  const item = new TreeItem(line.label, collapsible);
  item.id = line.id;
  item.description = line.description;
  // Without one, the editor shows the label.
  if (line.tooltip) item.tooltip = line.tooltip;
  item.accessibilityInformation = { label: line.spoken };
  item.iconPath = new ThemeIcon(line.icon, line.colour ? new ThemeColor(line.colour) : undefined);
  item.contextValue = line.context;
  return item;
}
