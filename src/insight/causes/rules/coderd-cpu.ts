import { say } from "../../../text/message.ts";
import { CPU, fullCpu, saySlower } from "../cpu.ts";
import { slowQueries } from "../database.ts";
import { evidence, found, written } from "../evidence.ts";
import { knowsLimits, POD_LINES } from "../pods.ts";
import type { Of, Rule } from "../rule.ts";
import { WITHOUT_PAGE_OR_PODS } from "../without.ts";

const GC: Of = { metric: "server_gc", figure: "mean" };

/** coderd's own CPU is used up: whatever it does waits for its turn. */
export const coderdCpu: Rule = {
  id: "coderd_cpu",
  title: say("coderd has no CPU left"),
  felt: ["api", "round_trip", "open", "achieved", "drops", "ready", "failures", "agent"],
  lines: [CPU, ...POD_LINES],
  remedy: say(
    "give coderd more cores, or run more replicas; keep provisioner daemons and workspaces off its nodes",
  ),
  source: "https://coder.com/docs/tutorials/best-practices/scale-coder#coder-server",
  look(view) {
    if (view.figure(CPU) === undefined && !knowsLimits(view)) return WITHOUT_PAGE_OR_PODS;
    const full = fullCpu(view);
    if (!full) return undefined;
    const gc = view.figure(GC) ?? 0;
    const slow = slowQueries(view);
    return found(
      full.strength,
      full.since,
      [
        full.said,
        ...(full.more ?? []),
        saySlower(view),
        gc >= 0.02
          ? evidence(GC, gc, say("garbage collection stops it for {0} of the time", written(gc, "share")))
          : undefined,
      ],
      // Of a query, too, coderd times how long it waits for its own turn.
      slow && slow.now.own >= 1_000
        ? [evidence(CPU, slow.now.own, say("database queries are slow, too"))]
        : [],
    );
  },
};
