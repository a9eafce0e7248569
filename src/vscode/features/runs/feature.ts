import { Disposable } from "vscode";
import { feature, setContextKey } from "../../commands.ts";
import type { ContextKeys } from "../../ids.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { Parts } from "../../parts.ts";
import { registerRunCommands } from "./commands.ts";
import { announceEnds, type Shown, signInNotices } from "./notices.ts";
import { handOnSignIns } from "./sign-ins.ts";
import { StatusItem } from "./status/item.ts";
import { ActiveTestsView } from "./tree/view.ts";

/** The runs of now: tree, status bar, messages, and the ways to end them. `panel` says what a person is looking at. */
export function registerRuns(parts: Parts, panel: Shown) {
  const { runs, session, log } = parts;
  followContext(runs);
  return feature(
    registerRunCommands(parts),
    new ActiveTestsView(runs),
    new StatusItem(runs),
    new Disposable(announceEnds(runs, panel)),
    new Disposable(handOnSignIns(runs, session.store, signInNotices(), log)),
  );
}

function followContext(runs: RunList): void {
  const follow = <K extends keyof ContextKeys>(key: K, value: () => ContextKeys[K]) => {
    let last: ContextKeys[K] | undefined;
    const look = () => {
      const now = value();
      if (now !== last) setContextKey(key, now);
      last = now;
    };
    runs.changed.on(look);
    look();
  };
  follow("scaletest.runsActive", () => runs.active().length > 0);
  follow("scaletest.runnerSilent", () => runs.silent().length > 0);
  follow("scaletest.sessionExpired", () => runs.waiting().length > 0);
}
