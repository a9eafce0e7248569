import path from "node:path";
import { Position, type Uri, Uri as UriOf, window, workspace } from "vscode";
import { descriptionOf } from "../../../app/scenario/description.ts";
import { t } from "../../../l10n/text.ts";
import { BACK, type Inputs } from "../../ui/inputs.ts";

interface Preset {
  /** Its file without folder and ending. */
  name: string;
  text: string;
}

const ENDING = ".scaletest.yaml";

/** Opens one of the examples as a scenario of the person's own. Resolves with it; undefined where they left. */
export async function newScenario(
  inputs: Inputs,
  extension: Uri,
  wanted: string | undefined,
): Promise<Uri | undefined> {
  const presets = await readPresets(extension);
  const preset =
    wanted === undefined ? await choose(inputs, presets) : presets.find(({ name }) => name === wanted);
  if (!preset && wanted !== undefined)
    throw new Error(
      t('There is no preset "{0}": there is {1}', wanted, presets.map(({ name }) => name).join(", ")),
    );
  return preset && open(preset);
}

async function readPresets(extension: Uri): Promise<Preset[]> {
  const folder = UriOf.joinPath(extension, "examples");
  const names = (await workspace.fs.readDirectory(folder))
    .map(([name]) => name)
    .filter((name) => name.endsWith(ENDING))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return Promise.all(
    names.map(async (name) => ({
      name: path.basename(name, ENDING),
      text: new TextDecoder().decode(await workspace.fs.readFile(UriOf.joinPath(folder, name))),
    })),
  );
}

async function choose(inputs: Inputs, presets: readonly Preset[]): Promise<Preset | undefined> {
  const answer = await inputs.choose({
    title: t("Scale Test: New Scenario"),
    back: false,
    placeholder: t("Select a preset to start from"),
    choices: presets.map((preset) => {
      const { title, description } = descriptionOf(preset.text);
      return { label: title ?? preset.name, detail: description, value: preset };
    }),
  });
  return answer === BACK ? undefined : answer;
}

/** In the folder that is open, under a name that is free; without a folder, as a file without a place yet. */
async function open({ name, text }: Preset): Promise<Uri> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  if (!folder) {
    const untitled = UriOf.from({ scheme: "untitled", path: `${name}${ENDING}` });
    const editor = await window.showTextDocument(await workspace.openTextDocument(untitled));
    await editor.edit((edit) => edit.insert(new Position(0, 0), text));
    return untitled;
  }
  const uri = await freeName(folder, name);
  await workspace.fs.writeFile(uri, Buffer.from(text));
  await window.showTextDocument(uri);
  return uri;
}

async function freeName(folder: Uri, name: string): Promise<Uri> {
  for (let number = 1; ; number++) {
    const uri = UriOf.joinPath(folder, `${name}${number > 1 ? `-${number}` : ""}${ENDING}`);
    const isTaken = await workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!isTaken) return uri;
  }
}
