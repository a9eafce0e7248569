import { Disposable } from "vscode";
import { feature, setContextKey } from "../../commands.ts";
import type { ContextKey } from "../../ids.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { Parts } from "../../parts.ts";
import type { Unsubscribe } from "../../signal.ts";
import { registerRunCommands } from "./commands.ts";
import { announceEnds, type Shown, signInNotices } from "./notices.ts";
import { handOnSignIns } from "./sign-ins.ts";
import { StatusItem } from "./status/item.ts";
import { RunsView } from "./tree/view.ts";

/** The runs of now: tree, status bar, messages, and the ways to end them. `panel` says what a person is looking at. */
export function registerRuns(parts: Parts, panel: Shown) {
  const { runs, session, log } = parts;
  const view = new RunsView(runs, parts.front);
  const registered = feature(
    registerRunCommands(parts),
    new Disposable(followContext(runs)),
    view,
    new StatusItem(runs),
    new Disposable(announceEnds(runs, panel)),
    new Disposable(handOnSignIns(runs, session.store, signInNotices(), log)),
  );
  return { ...registered, view };
}

/** Keeps the context keys about runs as the runs are. */
function followContext(runs: RunList): Unsubscribe {
  const last = new Map<ContextKey, boolean>();
  const set = (key: ContextKey, value: boolean) => {
    // Each goes to the window as a message, whether it is new or not.
    if (last.get(key) !== value) setContextKey(key, value);
    last.set(key, value);
  };
  const look = () => {
    set("scaletest.runsActive", runs.active().length > 0);
    set("scaletest.runnerSilent", runs.silent().length > 0);
    set("scaletest.sessionExpired", runs.waiting().length > 0);
  };
  look();
  return runs.changed.on(look);
}
