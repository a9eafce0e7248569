import type { EndedRecord } from "../../../app/runs/ended.ts";
import { t } from "../../../l10n/text.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";

/** How a run ended. Rejects with one sentence where it did not. */
export async function finalOf(run: WatchedRun): Promise<EndedRecord> {
  const final = await run.final();
  if (!final) throw new Error(t("{0} did not come to its end, so there is nothing to show of it", run.title));
  return final;
}
