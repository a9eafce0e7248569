import { t } from "../../../l10n/text.ts";
import type { RunRequest } from "../../ask/run-request.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { Parts } from "../../parts.ts";
import { lastKey } from "./command.ts";
import { forgetEarlierParameters } from "./kept-answers.ts";
import type { CreateWorkspacesRequest } from "./request.ts";
import { askForPreflight, CREATE } from "./wizard.ts";

/** What is used of starting runs. */
interface Starting {
  workload(workload: string, request: RunRequest): Promise<string | undefined>;
  /** False where nobody is signed in anywhere, and the person left that. */
  signedIn(title: string): Promise<boolean>;
}

/** Runs that create workspaces, and the check before one. */
export function registerCreate({ context, wizards, front, log }: Parts, starting: Starting) {
  const memory = context.globalState;
  void forgetEarlierParameters(
    memory,
    memory.keys().filter((key) => key.startsWith(lastKey(""))),
  );
  /** Resolves with the run's id; undefined where the person left. */
  const start = (request: CreateWorkspacesRequest) => starting.workload(CREATE, request);
  const commands = registerCommands(
    {
      "scaletest.createWorkspaces": (request) => start(request ?? {}),
      "scaletest.preflight": async (request) => {
        if (await starting.signedIn(t("Scale Test: Preflight")))
          await askForPreflight(wizards, request ?? {});
      },
    },
    { front, log },
  );
  return { ...feature(commands), start };
}
