import { feature, registerCommands } from "../../commands.ts";
import type { Parts } from "../../parts.ts";
import type { Has } from "./answer.ts";
import { SizingPanel } from "./panel.ts";

/** What a deployment needs for so many users, beside what one has: `inspect` asks it, and rejects with one sentence. */
export function registerSizing(
  { session, extension, texts, log }: Parts,
  inspect: (url: string) => Promise<Has>,
) {
  const panel = new SizingPanel({
    ...{ extension, texts, log, inspect },
    deployments: () => session.store.list(),
  });
  const commands = registerCommands({ "scaletest.planDeployment": () => panel.show() }, log);
  return feature(commands, panel);
}
