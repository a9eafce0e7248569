import path from "node:path";
import { ProgressLocation, window } from "vscode";
import { t } from "../../../l10n/text.ts";
import { execute, feature, registerCommands, setContextKey } from "../../commands.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { Parts } from "../../parts.ts";
import { OwnSandbox } from "./own-sandbox.ts";

/** A simulated deployment that ends with the window. */
export function registerSandbox({ dist, session, context, front, log }: Parts) {
  const sandbox = new OwnSandbox(path.join(dist, "cli.js"), session, context.globalState, log);
  sandbox.changed.on((running) => setContextKey("scaletest.sandboxRunning", running));
  setContextKey("scaletest.sandboxRunning", false);
  const commands = registerCommands(
    {
      "scaletest.startSandbox": () => startSandbox(sandbox),
      "scaletest.stopSandbox": () => sandbox.stop(),
    },
    { front, log },
  );
  return {
    ...feature(commands, sandbox),
    start: () => sandbox.start(),
    /** When nobody is signed in any more to the sandbox of an earlier window. */
    ready: sandbox.forgetEarlier(),
  };
}

async function startSandbox(sandbox: OwnSandbox): Promise<void> {
  const deployment = await window.withProgress(
    { location: ProgressLocation.Notification, title: t("Starting the sandbox…") },
    () => sandbox.start(),
  );
  const action = t("Create Workspaces…");
  const text = t("The sandbox is at {0}. It ends with this window.", hostOf(deployment.url));
  void window.showInformationMessage(text, action).then((chosen) => {
    if (chosen === action) void execute("scaletest.createWorkspaces", { url: deployment.url });
  });
}
