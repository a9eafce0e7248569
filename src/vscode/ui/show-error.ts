import { commands, window, workspace } from "vscode";
import { t, wordsOf } from "../../l10n/text.ts";
import { foreign, type Message } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";

/** Shows what an error says in one line. One that names a setting offers to open it. */
export function showError(error: unknown): void {
  void show(saidOf(error));
}

async function show(said: Message): Promise<void> {
  const setting = settingIn(said);
  const open = t("Open Settings");
  const chosen = await window.showErrorMessage(wordsOf(said), ...(setting ? [open] : []));
  if (setting && chosen === open)
    await commands.executeCommand("workbench.action.openSettings", `@id:${setting}`);
}

/** The first of a message's arguments that is the id of a setting which VS Code knows, such as `http.proxy`. */
function settingIn(said: Message): string | undefined {
  const { args = [] } = said;
  // What others say names nothing of ours.
  if (said.id === foreign("").id) return undefined;
  for (const arg of args) {
    if (typeof arg === "object") {
      const inner = settingIn(arg);
      if (inner) return inner;
    } else if (typeof arg === "string" && /^[a-z]+(\.[a-z]+)+$/i.test(arg) && isSetting(arg)) return arg;
  }
  return undefined;
}

function isSetting(id: string): boolean {
  return workspace.getConfiguration().inspect(id)?.defaultValue !== undefined;
}
