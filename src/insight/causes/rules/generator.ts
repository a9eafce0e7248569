import { say, sayCount } from "../../../text/message.ts";
import { between, evidence, found, written } from "../evidence.ts";
import type { Of, Rule } from "../rule.ts";

const CPU: Of = { metric: "generator_cpu", figure: "mean" };
const LATENESS: Of = { metric: "loop_lateness", figure: "p99" };
const SKIPPED: Of = { metric: "ticks", figure: "skipped" };
/** As many seconds as a run may lose before its verdict is that it says nothing. */
const MOST_INVALID = 0.2;

/** This tool, or the machine that it runs on, is at its limits: what it measured is its own slowness. */
export const generator: Rule = {
  id: "generator",
  title: say("The generator itself is at its limits"),
  felt: [
    "api",
    "round_trip",
    "achieved",
    "open",
    "failures",
    "ready",
    "drops",
    "queue",
    "agent",
    "startup",
    "rate_limit",
  ],
  lines: [],
  remedy: say(
    "run the test from a machine with more cores, or spread it over several; lower the load meanwhile",
  ),
  source: "https://coder.com/docs/admin/infrastructure/scale-testing#infrastructure-and-setup-requirements",
  look({ invalid, figure }) {
    if (invalid.share < MOST_INVALID) return undefined;
    const [cpu, late, skipped = 0] = [CPU, LATENESS, SKIPPED].map((of) => figure(of));
    return found(0.8 + 0.2 * between(invalid.share, MOST_INVALID, 0.6), invalid.first, [
      evidence(
        LATENESS,
        invalid.share,
        invalid.reason
          ? say("{0} of the seconds do not count: {1}", written(invalid.share, "share"), invalid.reason)
          : say("{0} of the seconds do not count", written(invalid.share, "share")),
      ),
      late === undefined
        ? undefined
        : evidence(LATENESS, late, say("its event loop is {0} late (p99)", written(late, "duration"))),
      cpu === undefined
        ? undefined
        : evidence(CPU, cpu, say("it takes {0} cores here", written(cpu, "cores"))),
      skipped > 0
        ? evidence(
            SKIPPED,
            skipped,
            sayCount(skipped, { one: "it left out {0} message", other: "it left out {0} messages" }),
          )
        : undefined,
    ]);
  },
};
