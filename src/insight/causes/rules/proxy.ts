import { say, sayCount } from "../../../text/message.ts";
import { SERVER_P95 } from "../cpu.ts";
import { between, evidence, found, sinceOf, written } from "../evidence.ts";
import type { Of, Rule } from "../rule.ts";
import { WITHOUT_PAGE } from "../without.ts";

const CLIENT: Of = { metric: "api_latency", figure: "p95" };
const FASTEST: Of = { metric: "api_latency", figure: "min" };
const REFUSED: Of = { metric: "server_requests", figure: "mean", labels: { status: "5xx" } };
const LATENESS: Of = { metric: "loop_lateness", figure: "p99" };
const LEAST_GAP_MS = 200;
const TIMES_SLOWER = 3;
/** Where the fastest call takes that long, it is the way, and not what stands in it. */
const FAR_MS = 100;

/** Something in front of coderd (a load balancer, an ingress) is late, or answers 502, 503 and 504 itself. */
export const proxy: Rule = {
  id: "proxy",
  title: say("What stands in front of coderd is slow, or refuses requests"),
  felt: ["api", "failures", "open", "ready"],
  lines: [CLIENT],
  remedy: say(
    "look at the load balancer's own CPU, connection limits and time limits, and let WebSockets through it",
  ),
  source: "https://coder.com/docs/tutorials/reverse-proxy-nginx",
  look(view, felt) {
    const refused = view.failures
      .filter(({ id, text }) => id === "api_server" && /\b50[234]\b/.test(text))
      .reduce((sum, { count }) => sum + count, 0);
    const [client, server, own, fastest = 0] = [CLIENT, SERVER_P95, REFUSED, FASTEST].map((of) =>
      view.figure(of),
    );
    const isLate = client !== undefined && client >= LEAST_GAP_MS;
    if (server === undefined) return refused > 0 || (isLate && hasApi(felt)) ? WITHOUT_PAGE : undefined;
    const gap = (client ?? 0) - server;
    const isGap = isLate && gap >= LEAST_GAP_MS && client >= TIMES_SLOWER * server && fastest < FAR_MS;
    const notOwn = refused > 0 && (own ?? 0) < 0.05;
    if (!isGap && !notOwn) return undefined;
    // A process that comes late reads every answer late.
    const late = view.figure(LATENESS) ?? 0;
    const isOurs = isGap && !notOwn && (view.invalid.share > 0 || late >= gap / 4);
    return found(
      ((notOwn ? 0.8 : 0.5) + 0.15 * between(gap, LEAST_GAP_MS, 2_000)) * (isOurs ? 0.5 : 1),
      sinceOf(view.line(CLIENT), (value) => value >= server + LEAST_GAP_MS),
      [
        isGap
          ? evidence(
              CLIENT,
              client,
              say(
                "API calls take {0} here and {1} at coderd (p95)",
                written(client, "duration"),
                written(server, "duration"),
              ),
            )
          : undefined,
        notOwn
          ? evidence(
              REFUSED,
              refused,
              sayCount(refused, {
                one: "{0} workspace failed by status 502, 503 or 504, which coderd did not answer",
                other: "{0} workspaces failed by status 502, 503 or 504, which coderd did not answer",
              }),
            )
          : undefined,
      ],
      [
        isOurs
          ? evidence(LATENESS, late, say("this tool itself was late: {0} (p99)", written(late, "duration")))
          : undefined,
      ],
    );
  },
};

function hasApi(felt: readonly { id: string }[]): boolean {
  return felt.some(({ id }) => id === "api");
}
