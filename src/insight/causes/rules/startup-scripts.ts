import { say } from "../../../text/message.ts";
import { between, evidence, found, written } from "../evidence.ts";
import type { Of, Rule } from "../rule.ts";

const STARTUP: Of = { metric: "startup_script", figure: "p50" };
const OTHERS: readonly Of[] = ["provision", "agent_connect"].map((metric) => ({ metric, figure: "p50" }));

/** The workspace is there, and its own script takes the time. */
export const startupScripts: Rule = {
  id: "startup_scripts",
  title: say("Startup scripts take the time"),
  felt: ["startup"],
  lines: [],
  remedy: say("do in the image what the script installs, and let logins not wait for the rest of it"),
  source: "https://coder.com/docs/tutorials/best-practices/speed-up-templates",
  look(view, felt) {
    const own = view.figure(STARTUP);
    if (own === undefined) return undefined;
    const others = OTHERS.reduce((sum, of) => sum + (view.figure(of) ?? 0), 0);
    const share = own / Math.max(1, own + others);
    return found(0.4 + 0.5 * between(share, 0.2, 0.7), felt[0]?.since, [
      evidence(
        STARTUP,
        own,
        say(
          "half of the scripts take more than {0}: {1} of the time of build, agent and script",
          written(own, "duration"),
          written(share, "share"),
        ),
      ),
    ]);
  },
};
