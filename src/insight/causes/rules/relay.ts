import { say } from "../../../text/message.ts";
import { between, evidence, found, sinceOf, written } from "../evidence.ts";
import type { Of, Rule } from "../rule.ts";
import { WITHOUT_TERMINAL } from "../without.ts";

const BY_RELAY: Of = { metric: "round_trip", figure: "p50", labels: { transport: "ssh" } };
const BY_CODERD: Of = { metric: "round_trip", figure: "p50", labels: { transport: "pty" } };
const DERP: Of = { metric: "server_health", figure: "max", labels: { section: "derp" } };
const TIMES_SLOWER = 3;
const LEAST_SLOWER_MS = 100;

/** SSH of this tool goes by the relay (DERP): it is slow where a terminal, which does not, is fast. */
export const relay: Rule = {
  id: "relay",
  title: say("The relay (DERP) is slow"),
  felt: ["round_trip", "achieved", "drops"],
  lines: [BY_RELAY],
  remedy: say(
    "let clients connect directly to workspaces, or put a relay near to them: coder ping says which way is taken",
  ),
  source: "https://coder.com/docs/admin/networking/troubleshooting",
  look(view) {
    const [ssh, terminal, derp = 0] = [BY_RELAY, BY_CODERD, DERP].map((of) => view.figure(of));
    if (ssh === undefined) return undefined;
    const sick =
      derp >= 1 ? evidence(DERP, derp, say("the deployment's health check warns of its relay")) : undefined;
    if (terminal === undefined) {
      if (sick) return found(0.5, undefined, [sick]);
      return ssh >= 2 * LEAST_SLOWER_MS ? WITHOUT_TERMINAL : undefined;
    }
    if (ssh < TIMES_SLOWER * terminal || ssh - terminal < LEAST_SLOWER_MS) return undefined;
    return found(
      0.6 + 0.2 * between(ssh / Math.max(1, terminal), TIMES_SLOWER, 10) + (sick ? 0.15 : 0),
      sinceOf(view.line(BY_RELAY), (value) => value >= terminal + LEAST_SLOWER_MS),
      [
        evidence(
          BY_RELAY,
          ssh,
          say(
            "half of the round trips by SSH over the relay take more than {0}; by web terminal, {1}",
            written(ssh, "duration"),
            written(terminal, "duration"),
          ),
        ),
        sick,
      ],
    );
  },
};
