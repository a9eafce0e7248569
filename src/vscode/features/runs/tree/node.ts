import type { PanelTarget } from "../../../../protocol/panel.ts";
import type { Message } from "../../../../text/message.ts";
import type { CommandId } from "../../../ids.ts";
import type { TreeLine } from "../../../ui/tree-line.ts";

/** A line of a run in the tree "Runs", without the editor in it. */
export interface TreeNode extends TreeLine {
  /** The run that commands on this line are about. */
  runId: string;
  expanded?: boolean;
  /** What a click does, where it is not the panel. */
  command?: CommandId;
  /** What of the run the panel shows at a click. */
  target?: PanelTarget;
  /** Its lines are the workspaces that this cause hit, fetched when somebody opens it; and how often it has struck. */
  hit?: { cause: Message; count: number };
  children: TreeNode[];
}
