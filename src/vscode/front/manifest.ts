import type { ExtensionContext } from "vscode";
import type { CommandId, PanelType } from "../ids.ts";

/** As much of package.json as the front is made of. */
interface Manifest {
  activationEvents: readonly string[];
  contributes: {
    commands: readonly { command: CommandId }[];
    taskDefinitions: readonly { type: string }[];
    authentication: readonly { id: string; label: string }[];
  };
}

const ON_PANEL = "onWebviewPanel:";

export type Contributed = ReturnType<typeof readContributed>;

/** What VS Code knows of the extension before it starts, and asks it for. */
export function readContributed({ extension }: Pick<ExtensionContext, "extension">) {
  const { activationEvents, contributes } = extension.packageJSON as Manifest;
  return {
    commands: contributes.commands.map(({ command }) => command),
    /** Those that come back when a window is loaded anew. */
    panels: activationEvents
      .filter((event) => event.startsWith(ON_PANEL))
      .map((event) => event.slice(ON_PANEL.length) as PanelType),
    tasks: contributes.taskDefinitions.map(({ type }) => type),
    accounts: contributes.authentication,
  };
}
