import { Uri, window, workspace } from "vscode";
import { listed, plural, t, wordsOf } from "../../../l10n/text.ts";
import { hasErrors, type Problem } from "../../../scenario/problem.ts";
import type { ReadScenario } from "../../../scenario/read.ts";
import type { ScenarioReference } from "../../ids.ts";
import { isScenario, SCENARIO_GLOB, WITHOUT_SCENARIOS } from "../../model/scenarios/is-scenario.ts";
import type { ReadableDocument, ScenarioDocuments } from "../../model/scenarios/read-document.ts";

export interface ScenarioFile extends ReadScenario {
  uri: Uri;
  /** Its path in the folder that is open, for people. */
  file: string;
}

/** What is wrong with a file that was to be run, with its places. */
export class FaultyScenario extends Error {
  override readonly name = "FaultyScenario";
  readonly uri: Uri;
  readonly problems: readonly Problem[];

  constructor({ uri, file, problems }: ScenarioFile) {
    const errors = problems.filter(({ severity }) => severity === "error");
    const shown = errors
      .slice(0, 3)
      .map(({ message, range }) => t("line {0}: {1}", range.start.line + 1, wordsOf(message)));
    super(
      plural(
        errors.length,
        {
          one: "{1} cannot be run, it has {0} error: {2}",
          other: "{1} cannot be run, it has {0} errors: {2}",
        },
        file,
        listed(shown),
      ),
    );
    this.uri = uri;
    this.problems = errors;
  }
}

/** Scenario files of the folders that are open. */
export async function findScenarios(): Promise<Uri[]> {
  return workspace.findFiles(SCENARIO_GLOB, WITHOUT_SCENARIOS);
}

/** The file that a command is about: the one named, or that of the editor in front. Throws where there is none. */
export function fileOf(reference: ScenarioReference | undefined): Uri {
  if (typeof reference === "string") return Uri.parse(reference);
  if (reference && "scenario" in reference) return Uri.parse(reference.scenario);
  const uri = reference ?? window.activeTextEditor?.document.uri;
  if (uri && isScenario({ uri })) return uri;
  throw new Error(t("Open a scenario first: a file whose name ends in .scaletest.yaml"));
}

/** Reads what the editor shows of a file, or what is on the disk. */
export async function readFile(scenarios: ScenarioDocuments, uri: Uri): Promise<ScenarioFile> {
  const document = openDocument(uri) ?? (await storedDocument(uri));
  return { uri, file: workspace.asRelativePath(uri), ...(await scenarios.read(document)) };
}

async function storedDocument(uri: Uri): Promise<ReadableDocument> {
  const text = new TextDecoder().decode(await workspace.fs.readFile(uri));
  return { uri, fileName: uri.fsPath, version: 0, getText: () => text };
}

/** The same of a file that is to be run, saved if it was not. Throws FaultyScenario where it cannot be. */
export async function readToRun(scenarios: ScenarioDocuments, uri: Uri): Promise<ScenarioFile> {
  const document = openDocument(uri);
  if (document?.isDirty && !document.isUntitled) await document.save();
  const read = await readFile(scenarios, uri);
  if (hasErrors(read.problems)) throw new FaultyScenario(read);
  return read;
}

function openDocument(uri: Uri) {
  return workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
}
