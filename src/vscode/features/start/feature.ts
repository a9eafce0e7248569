import type { RunRequest, StartRequest } from "../../ask/run-request.ts";
import type { EarlierConfig } from "../../ask/wizard.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import type { Parts } from "../../parts.ts";
import { offerDeployment, type StartParts, startAny, startRun, startWorkload } from "./start.ts";

/** Starting a run of any workload, for a person, a task and other extensions. */
export function registerStart(
  shared: Parts,
  others: Pick<StartParts, "panel" | "sandbox" | "serverMetrics">,
) {
  const { inputs, runs, session, wizards, front, log } = shared;
  const parts: StartParts = { inputs, runs, session, wizards, ...others };
  const commands = registerCommands(
    { "scaletest.start": (request) => startAny(parts, request ?? {}) },
    { front, log },
  );
  return {
    ...feature(commands),
    any: (request: StartRequest) => startAny(parts, request),
    workload: (workload: string, request: RunRequest, like?: EarlierConfig) =>
      startWorkload(parts, workload, request, like),
    /** One whose questions are answered. Resolves with its id. */
    run: (run: NewRun) => startRun(parts, run),
    /** Offers a deployment to a person who is signed in nowhere. False where the person left. */
    signedIn: async (title: string) =>
      session.store.list().length > 0 || (await offerDeployment(parts, title)),
  };
}
