import type { Drilled } from "../../protocol/drill.ts";
import type { RunView } from "../causes/rule.ts";
import { databasePause } from "./database-pause.ts";
import type { Drill } from "./drill.ts";
import { provisionerLoss } from "./provisioner-loss.ts";
import { replicaDrill } from "./replica-loss.ts";

/** What can be taken from a deployment, with what is promised for that. */
export const DRILLS: readonly Drill[] = [replicaDrill, provisionerLoss, databasePause];

/** All that happened in a run, in the order of their moments; nothing of what there is nothing to say. */
export function drillsOf(view: RunView): Drilled[] {
  return DRILLS.flatMap(({ id, title, look }) =>
    look(view).map((taken): Drilled => ({ drill: id, title, ...taken })),
  )
    .filter(({ lines }) => lines.length > 0)
    .sort((a, b) => a.at - b.at);
}
