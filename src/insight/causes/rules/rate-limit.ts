import { say, sayCount } from "../../../text/message.ts";
import { between, earliest, evidence, found, sinceOf, written } from "../evidence.ts";
import type { Of, Rule } from "../rule.ts";
import { RATE_LIMIT_WAIT } from "../symptoms.ts";

const REFUSED: Of = { metric: "server_requests", figure: "mean", labels: { status: "429" } };
const REQUESTS: Of = { metric: "server_requests", figure: "mean" };

/** The deployment refuses requests above so many a minute, or this tool waits so as not to be refused. */
export const rateLimit: Rule = {
  id: "rate_limit",
  title: say("The API's rate limit holds requests back"),
  felt: ["rate_limit", "failures", "api", "ready"],
  lines: [REFUSED, RATE_LIMIT_WAIT],
  remedy: say(
    "raise CODER_API_RATE_LIMIT (512 requests a minute for each path) for the test, or lower the load",
  ),
  source: "https://github.com/coder/coder/blob/main/codersdk/deployment.go",
  look(view) {
    const waited = view.figure(RATE_LIMIT_WAIT) ?? 0;
    const refused = view.figure(REFUSED) ?? 0;
    const failed = view.failures.find(({ id }) => id === "api_rate_limited")?.count ?? 0;
    if (waited < 1_000 && refused < 0.2 && failed === 0) return undefined;
    const all = view.figure(REQUESTS) ?? 0;
    const share = between(waited / 1_000 / Math.max(1, view.loadS), 0.05, 1);
    return found(
      0.7 + 0.25 * Math.max(share, between(refused, 0, 5), failed > 0 ? 1 : 0),
      earliest([RATE_LIMIT_WAIT, REFUSED].map((of) => sinceOf(view.line(of), (value) => value > 0))),
      [
        refused > 0
          ? evidence(
              REFUSED,
              refused,
              say(
                "coderd refuses {0} of {1} requests a second (status 429)",
                written(refused, "count"),
                written(all, "count"),
              ),
            )
          : undefined,
        refused === 0 && all > 0
          ? evidence(
              REQUESTS,
              all,
              say("meanwhile, coderd answers no more than {0} requests a second", written(all, "count")),
            )
          : undefined,
        failed > 0
          ? evidence(
              REFUSED,
              failed,
              sayCount(failed, {
                one: "{0} workspace failed by status 429",
                other: "{0} workspaces failed by status 429",
              }),
            )
          : undefined,
      ],
      [
        evidence(
          RATE_LIMIT_WAIT,
          waited,
          say("the limit is of an address or a user: this tool asks from one address, users come from many"),
        ),
      ],
    );
  },
};
