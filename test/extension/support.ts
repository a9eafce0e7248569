import assert from "node:assert/strict";
import { commands, type Event, extensions, type Tab, TabInputWebview, window } from "vscode";
import type { RunSummary, ScaleTestApi } from "../../src/vscode/features/api/types.ts";
import type { CommandId, Commands } from "../../src/vscode/ids.ts";

export const EXTENSION = "coder-scaletest.coder-scaletest";

export async function activated(): Promise<ScaleTestApi> {
  const extension = extensions.getExtension<ScaleTestApi>(EXTENSION);
  assert.ok(extension, "VS Code knows the extension");
  return extension.activate();
}

export function run<C extends CommandId>(id: C, ...args: Commands[C]): Thenable<unknown> {
  return commands.executeCommand(id, ...args);
}

/** Answers every message that the editor would show, without showing it. */
export function silenceMessages(yes: readonly string[] = ["Delete", "Force-Stop"]): string[] {
  const shown: string[] = [];
  const take = (async (text: string, ...others: unknown[]) => {
    shown.push(text);
    // The modal question before anything is deleted or ended.
    return others.find((one) => yes.includes(String(one)));
  }) as typeof window.showErrorMessage;
  Object.assign(window, { showErrorMessage: take, showInformationMessage: take, showWarningMessage: take });
  return shown;
}

/** Resolves with the run as soon as the condition holds for it; mocha's own timeout ends the wait. */
export function runBecomes(
  api: ScaleTestApi,
  id: string,
  condition: (run: RunSummary) => boolean,
): Promise<RunSummary> {
  return until(api.onDidUpdate, () => {
    const found = api.list().find((one) => one.id === id);
    return found && condition(found) ? found : undefined;
  });
}

/** Checks now, and after each event. */
export function until<T>(event: Event<unknown>, check: () => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const now = check();
    if (now !== undefined) {
      resolve(now);
      return;
    }
    const listener = event(() => {
      const value = check();
      if (value === undefined) return;
      listener.dispose();
      resolve(value);
    });
  });
}

export function panelTabs(): Tab[] {
  return webviewTabs("scaletest.run");
}

export function reportTabs(): Tab[] {
  return webviewTabs("scaletest.report");
}

export function webviewTabs(viewType: string): Tab[] {
  return window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof TabInputWebview && input.viewType.includes(viewType));
}
