import { t } from "../../../l10n/text.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { Parts } from "../../parts.ts";
import type { Details } from "../deployments/details.ts";
import type { Has } from "./answer.ts";
import { SizingPanel } from "./panel.ts";

/** What a deployment needs for so many users, beside what one has. `inspect`: what a deployment says of itself. */
export function registerSizing(
  { session, extension, texts, log }: Parts,
  inspect: (url: string) => Promise<Details>,
) {
  const panel = new SizingPanel({
    ...{ extension, texts, log },
    deployments: () => session.store.list(),
    inspect: async (url) => hasOf(await inspect(url)),
  });
  const commands = registerCommands({ "scaletest.planDeployment": () => panel.show() }, log);
  return feature(commands, panel);
}

/** An edition without replicas has one. Throws where the deployment did not answer. */
function hasOf(details: Details): Has {
  if (details.kind !== "known") throw new Error(details.message);
  const { replicas, daemons } = details;
  if (replicas === undefined && daemons === undefined)
    throw new Error(t("This user may not ask it for replicas and daemons"));
  return { replicas, daemons: daemons?.total };
}
