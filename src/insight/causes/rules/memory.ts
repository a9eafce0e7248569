import { say, sayCount } from "../../../text/message.ts";
import { between, evidence, found, sinceOf, written } from "../evidence.ts";
import { killedForMemory, POD_LINES, POD_MEMORY, podAtMemoryLimit } from "../pods.ts";
import type { Of, Point, Rule } from "../rule.ts";
import { WITHOUT_PAGE_OR_PODS } from "../without.ts";

const MEMORY: Of = { metric: "server_memory", figure: "max" };
const RESTARTS: Of = { metric: "server_restarts", figure: "max" };
const GC: Of = { metric: "server_gc", figure: "mean" };
const LEAST_GROWTH_BYTES = 256e6;
const LEAST_FACTOR = 2;
/** Looks that make up three thirds of a load. */
const ENOUGH_LOOKS = 9;

/** coderd's memory grows for as long as the load goes on, until it is killed or stands still to collect it. */
export const memory: Rule = {
  id: "memory",
  title: say("coderd's memory grows"),
  felt: ["api", "round_trip", "drops", "failures", "achieved"],
  lines: [MEMORY, ...POD_LINES],
  remedy: say("give coderd more memory: 2 GB for each 250 users, and more for many proxied connections"),
  source: "https://coder.com/docs/admin/infrastructure/scale-testing#cpu-and-memory-usage",
  look(view) {
    // By coderd's page, else by its pods.
    const of = view.figure(MEMORY) === undefined ? POD_MEMORY : MEMORY;
    const most = view.figure(of);
    if (most === undefined) return WITHOUT_PAGE_OR_PODS;
    const line = view.line(of);
    const first = view.figure({ ...of, figure: "mean" }, "baseline") ?? line[0]?.value ?? most;
    const isGrown = most >= LEAST_FACTOR * first && most - first >= LEAST_GROWTH_BYTES && grows(line);
    const killed = killedForMemory(view);
    if (!isGrown) return killed && found(0.85, killed.since, [killed.said, podAtMemoryLimit(view)]);
    const [restarts = 0, gc = 0] = [RESTARTS, GC].map((of) => view.figure(of));
    const after = view.figure({ ...of, figure: "last" }, "recovery");
    const isFreed = after !== undefined && after < first + (most - first) / 2;
    return found(
      (0.4 +
        0.2 * between(most / first, LEAST_FACTOR, 5) +
        (restarts > 0 || killed ? 0.3 : 0) +
        (gc > 0.05 ? 0.1 : 0)) *
        (isFreed ? 0.7 : 1),
      sinceOf(line, (value) => value >= 1.2 * first),
      [
        evidence(
          of,
          most,
          say("coderd's memory grew from {0} to {1}", written(first, "bytes"), written(most, "bytes")),
        ),
        restarts > 0
          ? evidence(
              RESTARTS,
              restarts,
              sayCount(restarts, {
                one: "coderd was restarted {0} time",
                other: "coderd was restarted {0} times",
              }),
            )
          : undefined,
        killed?.said,
        podAtMemoryLimit(view),
      ],
      [
        isFreed
          ? evidence(of, after, say("after the load it is back at {0}", written(after, "bytes")))
          : undefined,
      ],
    );
  },
};

/** Each third of the load is well above the one before it. */
function grows(line: readonly Point[]): boolean {
  if (line.length < ENOUGH_LOOKS) return false;
  const third = Math.floor(line.length / 3);
  const mean = (part: readonly Point[]) => part.reduce((sum, { value }) => sum + value, 0) / part.length;
  const [a, b, c] = [0, 1, 2].map((at) => mean(line.slice(at * third, (at + 1) * third)));
  return a !== undefined && b !== undefined && c !== undefined && b > 1.1 * a && c > 1.1 * b;
}
