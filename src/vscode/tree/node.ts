import type { CommandId } from "../ids.ts";

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
  /** What a click does, where it is not the panel. */
  command?: CommandId;
  /** Its lines are the workspaces that this cause hit, fetched when somebody opens it. */
  hit?: string;
  children: TreeNode[];
}
