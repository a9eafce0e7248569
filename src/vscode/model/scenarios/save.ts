import { Uri, window, workspace } from "vscode";
import { fileNameOf } from "../../../app/scenario/file-name.ts";
import { listed, t, wordsOf } from "../../../l10n/text.ts";
import type { WritableRun } from "../../../scenario/write.ts";

/** Writes a run as a scenario to where a person says, and opens it. Rejects where it can be none. */
export async function saveRun(run: WritableRun): Promise<Uri | undefined> {
  const [{ writeScenario }, { workloads }] = await Promise.all([
    import("../../../scenario/write.ts"),
    import("../../../workloads/index.ts"),
  ]);
  const { text, left } = writeScenario(run, workloads);
  const saved = await saveScenario(text, run.name);
  if (saved && left.length > 0)
    void window.showWarningMessage(t("The scenario does not hold all: {0}", listed(left.map(wordsOf))));
  return saved;
}

/** Writes a scenario's text to where a person says, and opens it. undefined where they left. */
export async function saveScenario(text: string, name: string): Promise<Uri | undefined> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const file = fileNameOf(name);
  const uri = await window.showSaveDialog({
    title: t("Save as Scenario"),
    filters: { [t("Scenarios")]: ["scaletest.yaml"] },
    defaultUri: folder ? Uri.joinPath(folder, file) : Uri.file(file),
  });
  if (!uri) return undefined;
  await workspace.fs.writeFile(uri, Buffer.from(text));
  await window.showTextDocument(uri);
  return uri;
}
