import type { Uri } from "vscode";
import { t } from "../../../l10n/text.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import { askForScenario } from "./ask.ts";
import { findScenarios, readFile, readToRun } from "./files.ts";
import { askForLimit, canSearch, type FindLimitParts, type Subject, workloadSubjects } from "./find-limit.ts";
import { type RunningParts, startScenario } from "./run.ts";
import type { StartedScenario } from "./tests.ts";

/** A run that was started; of a file that is the search by itself, with what the file said. */
export interface StartedSearch {
  id: string;
  byFile: StartedScenario | undefined;
}

/**
 * Starts a search for the limit: the one that a file has, else one that is asked for, of that file or of what the person
 * chooses. undefined where the person left.
 */
export async function findLimit(
  parts: RunningParts & { asked: FindLimitParts },
  uri: Uri | undefined,
): Promise<StartedSearch | undefined> {
  const named = uri && (await readToRun(parts.scenarios, uri));
  if (named?.scenario.search) {
    const byFile = await startScenario(parts, named.uri);
    return byFile && { id: byFile.run.id, byFile };
  }
  if (named && !canSearch(named)) throw new Error(t("No step of {0} has a load that could grow", named.file));
  const subjects = named
    ? [{ label: named.file, uri: named.uri.toString(), file: named.file, scenario: named.scenario }]
    : [...(await workloadSubjects(parts.asked)), ...(await filesIn(parts.scenarios))];
  const search = await askForLimit(parts.asked, subjects);
  const asked = search && (await askForScenario(parts.asking, search));
  const run = asked && (await parts.start(asked));
  return run && { id: run.id, byFile: undefined };
}

/** Scenarios of the folder that is open; those that cannot be read say so elsewhere. */
async function filesIn(scenarios: ScenarioDocuments): Promise<Subject[]> {
  const found = await findScenarios();
  const subjects = await Promise.all(
    found.map(async (uri): Promise<Subject[]> => {
      try {
        const read = await readFile(scenarios, uri);
        if (!canSearch(read)) return [];
        const { file, scenario } = read;
        return [{ label: scenario.name ?? file, detail: file, uri: uri.toString(), file, scenario }];
      } catch {
        return [];
      }
    }),
  );
  return subjects.flat();
}
