import { commands } from "vscode";
import { feature } from "../../commands.ts";
import { messageOf } from "../../host.ts";
import { RUNS_VIEW } from "../../ids.ts";
import type { Parts } from "../../parts.ts";
import { showError } from "../../ui/show-error.ts";
import type { CreateWorkspacesRequest } from "../create/request.ts";
import { takeQuickstart } from "./quickstart.ts";

/** What is used of others. */
interface Others {
  /** When the sandbox of an earlier window is signed out of. */
  ready: Promise<void>;
  start(request: CreateWorkspacesRequest): Promise<unknown>;
}

/** `npm start` and F5: signs in to the sandbox that stands beside this window, and starts a run in it. */
export function registerQuickstart({ session, log }: Parts, { ready, start }: Others) {
  void ready.then(async () => {
    try {
      const wanted = await takeQuickstart();
      if (!wanted) return;
      await session.signIn({ url: wanted.url, token: wanted.token });
      await commands.executeCommand(`${RUNS_VIEW}.focus`);
      if (wanted.request) await start(wanted.request);
    } catch (error) {
      log.error(`quickstart: ${messageOf(error)}`);
      showError(error);
    }
  });
  return feature({});
}
