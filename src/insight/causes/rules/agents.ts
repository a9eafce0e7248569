import { say, sayCount } from "../../../text/message.ts";
import { fullCpu } from "../cpu.ts";
import { sayQueries, slowQueries } from "../database.ts";
import { between, evidence, found, written } from "../evidence.ts";
import type { Of, Rule } from "../rule.ts";

const AGENT: Of = { metric: "agent_connect", figure: "p50" };
const PROVISION: Of = { metric: "provision", figure: "p50" };
const STARTUP: Of = { metric: "startup_script", figure: "p50" };
const CONNECTING: Of = { metric: "server_agents", figure: "max", labels: { status: "connecting" } };

/** Builds are done, and their agents come late: images are pulled, machines boot, agents do not reach coderd. */
export const agents: Rule = {
  id: "agents",
  title: say("Agents are slow to connect, while builds are fine"),
  felt: ["agent"],
  lines: [],
  remedy: say(
    "look at what a workspace does before its agent runs: image pulls, machine boot, the way to the access URL",
  ),
  source: "https://coder.com/docs/admin/templates/troubleshooting",
  look(view, felt) {
    const [agent, provision = 0, startup = 0, connecting] = [AGENT, PROVISION, STARTUP, CONNECTING].map(
      (of) => view.figure(of),
    );
    const [symptom] = felt;
    if (agent === undefined || !symptom) return undefined;
    const [cpu, slow] = [fullCpu(view), slowQueries(view)];
    const share = agent / Math.max(1, agent + provision + startup);
    return found(
      (0.4 + 0.5 * between(share, 0.2, 0.7)) * (cpu || slow ? 0.6 : 1),
      symptom.since,
      [
        evidence(
          AGENT,
          agent,
          say(
            "half of the agents take more than {0} to connect, and half of the builds less than {1}",
            written(agent, "duration"),
            written(provision, "duration"),
          ),
        ),
        connecting
          ? evidence(
              CONNECTING,
              connecting,
              sayCount(Math.round(connecting), {
                one: "{0} agent was connecting",
                other: "up to {0} agents were connecting",
              }),
            )
          : undefined,
      ],
      [cpu?.said, slow ? sayQueries(slow) : undefined],
    );
  },
};
