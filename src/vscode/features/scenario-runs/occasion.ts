import { Disposable, type TextDocument, workspace } from "vscode";
import type { Occasion } from "../../front/occasion.ts";
import { isScenario, SCENARIO_GLOB, WITHOUT_SCENARIOS } from "../../model/scenarios/is-scenario.ts";

/** A scenario is open, or in a folder that is: it is a test, and has help and problems in the editor. */
export const scenarioOccasion: Occasion = (_, due) => {
  const opened = (document: TextDocument) => {
    if (isScenario(document)) due();
  };
  const look = async () => {
    const [found] = await workspace.findFiles(SCENARIO_GLOB, WITHOUT_SCENARIOS, 1);
    if (found) due();
  };
  const watcher = workspace.createFileSystemWatcher(SCENARIO_GLOB, false, true, true);
  for (const document of workspace.textDocuments) opened(document);
  void look();
  return Disposable.from(
    watcher,
    watcher.onDidCreate(due),
    workspace.onDidOpenTextDocument(opened),
    workspace.onDidChangeWorkspaceFolders(() => void look()),
  );
};
