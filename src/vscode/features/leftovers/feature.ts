import { Disposable, commands as editorCommands, window } from "vscode";
import { urlOf } from "../../ask/pick-deployment.ts";
import { feature, registerCommands } from "../../commands.ts";
import { messageOf } from "../../host.ts";
import { LEFTOVERS_VIEW } from "../../ids.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import type { Parts } from "../../parts.ts";
import { confirm } from "../../ui/confirm.ts";
import { cleanUp } from "./clean-up.ts";
import { askForTicked, type CleanupParts, findLeftoversForTree, findLeftoversOf } from "./command.ts";
import { LeftoversView } from "./view.ts";

/** What scale tests have left on deployments, and its deletion. `start` begins a run and resolves with its id. */
export function registerLeftovers(
  { inputs, runs, session, front, log }: Parts,
  start: (run: NewRun) => Promise<string>,
) {
  const view = new LeftoversView(front);
  const parts: CleanupParts = {
    inputs,
    deployments: () => session.store.list(),
    target: session.target,
    leftovers: findLeftoversOf,
    titles: () => runs.titles(),
    confirm,
    say: (text) => void window.showInformationMessage(text),
  };
  const commands = registerCommands(
    {
      "scaletest.cleanUp": (request) => cleanUp({ runs, cleanup: parts, start }, request ?? {}),
      "scaletest.findLeftovers": async (deployment) => {
        await editorCommands.executeCommand(`${LEFTOVERS_VIEW}.focus`);
        const url = deployment === undefined ? undefined : urlOf(deployment);
        await window.withProgress({ location: { viewId: LEFTOVERS_VIEW } }, () =>
          findLeftoversForTree(parts, view, url),
        );
      },
      "scaletest.deleteTicked": async () => {
        const run = await askForTicked(parts, view);
        return run && start(run);
      },
    },
    { front, log },
  );

  /** What a run has left or removed is shown where somebody looks at it. Asks for no sign-in. */
  async function refresh(url: string): Promise<void> {
    if (view.shownUrl !== url) return;
    const token = await session.store.token(url);
    if (!token) return;
    const leftovers = await parts.leftovers(await session.known(url, token), undefined);
    if (view.shownUrl === url) view.show(url, leftovers, await parts.titles());
  }

  const finished = runs.finished.on(({ file }) => {
    refresh(file.deployment.url).catch((error: unknown) => log.warn(messageOf(error)));
  });
  return feature(commands, view, new Disposable(finished));
}
