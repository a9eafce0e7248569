import { say } from "../../../text/message.ts";
import { fullCpu, SERVER_P95 } from "../cpu.ts";
import { sayQueries, slowQueries, WAITS } from "../database.ts";
import { between, evidence, found, sinceOf, written } from "../evidence.ts";
import type { Of, Rule } from "../rule.ts";
import { WITHOUT_PAGE } from "../without.ts";

const FASTEST_CALL: Of = { metric: "api_latency", figure: "min" };
const FASTEST_TRIP: Of = { metric: "round_trip", figure: "min" };
const SERVER: Of = { metric: "server_latency", figure: "p50" };
const LOST: Of = { metric: "api_latency", figure: "unfinished" };
const CALLS: Of = { metric: "api_latency", figure: "count" };
const FAR_MS = 100;
const MANY_LOST = 0.05;

/** The way to the deployment: far, or calls are lost on it. The fastest call of all shows how far. */
export const network: Rule = {
  id: "network",
  title: say("The network to the deployment is slow or loses calls"),
  felt: ["api", "round_trip", "open", "drops", "failures"],
  lines: [FASTEST_CALL],
  remedy: say(
    "run the test nearer to the deployment; for users who are far away, add a workspace proxy near to them",
  ),
  source: "https://coder.com/docs/admin/infrastructure/scale-testing#http-api-latency",
  look(view) {
    const [call, trip, server, calls = 0, lost = 0] = [FASTEST_CALL, FASTEST_TRIP, SERVER, CALLS, LOST].map(
      (of) => view.figure(of),
    );
    const [of, fastest] = call !== undefined ? [FASTEST_CALL, call] : [FASTEST_TRIP, trip];
    const isFar = fastest !== undefined && fastest >= FAR_MS;
    const failed = view.failures
      .filter(({ id }) => id === "api_network" || id === "api_timeout")
      .reduce((sum, { count }) => sum + count, 0);
    const isLossy = calls >= 20 && lost + failed >= MANY_LOST * calls;
    if (!isFar && !isLossy) return undefined;
    if (server === undefined) return WITHOUT_PAGE;
    if (!isLossy && (fastest ?? 0) - server < FAR_MS / 2) return undefined;
    const p95 = view.figure(SERVER_P95) ?? 0;
    // What coderd or its database waits for makes every call late, too.
    const [cpu, slow, waits = 0] = [fullCpu(view), slowQueries(view), view.figure(WAITS)];
    const isServer = cpu !== undefined || slow !== undefined || waits >= 1;
    return found(
      (0.5 + (isFar ? 0.2 * between(fastest, FAR_MS, 500) : 0) + (isLossy ? 0.15 : 0)) * (isServer ? 0.5 : 1),
      sinceOf(view.line(FASTEST_CALL), (value) => value >= FAR_MS),
      [
        isFar
          ? evidence(
              of,
              fastest,
              say(
                "even the fastest takes {0} here, where coderd needs {1} (p95)",
                written(fastest, "duration"),
                written(p95, "duration"),
              ),
            )
          : undefined,
        isLossy
          ? evidence(LOST, lost + failed, say("{0} of {1} calls got no answer", lost + failed, calls))
          : undefined,
      ],
      [cpu?.said, slow && sayQueries(slow)],
    );
  },
};
