import { say } from "../../../text/message.ts";
import { evidence, found } from "../evidence.ts";
import { burstsOf, DROPPED, REPLICA_LINES, replicaLosses, UP } from "../replicas.ts";
import type { Rule } from "../rule.ts";
import { WITHOUT_PAGE } from "../without.ts";

/** A replica of coderd has gone, or was restarted: its connections end with it. */
export const replica: Rule = {
  id: "replica",
  title: say("A replica of coderd has gone or was restarted"),
  felt: ["drops", "failures"],
  lines: REPLICA_LINES,
  remedy: say(
    "see why it ended (memory limit, eviction, crash); keep replicas from being evicted or scaled down",
  ),
  source: "https://coder.com/docs/admin/networking/high-availability",
  look(view) {
    const losses = replicaLosses(view);
    const isBurst = burstsOf(view).length > 0;
    if (losses.length === 0) return view.figure(UP) === undefined && isBurst ? WITHOUT_PAGE : undefined;
    // The first by which users lost something.
    const loss = losses.find(({ lost }) => lost > 0);
    if (!loss) return undefined;
    const { signs, first, nearS, isSure, lost } = loss;
    return found((isSure ? 0.85 : 0.65) + (isBurst ? 0.1 : 0), first, [
      ...signs,
      evidence(
        DROPPED,
        lost,
        say("within {0} seconds of it, users lost {1} connections or workspaces", nearS, lost),
      ),
    ]);
  },
};
