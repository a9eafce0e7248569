import type { Uri } from "vscode";
import { titleOf } from "../../../app/scenario/title.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import { runChoice } from "../../ask/pick-run.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import { endingWord } from "../../text.ts";
import { BACK, type Inputs } from "../../ui/inputs.ts";
import { endingLook, iconText } from "../../ui/looks.ts";
import { readFile } from "./files.ts";
import type { LastResults, ScenarioResult } from "./last-results.ts";

export interface ShowResultParts {
  inputs: Inputs;
  runs: Pick<RunList, "open">;
  scenarios: ScenarioDocuments;
  results: LastResults;
  panel: { show(run: WatchedRun): void };
}

/** Opens the last result of a file's scenario, or one of all that there are. */
export async function showResult(
  { inputs, runs, scenarios, results, panel }: ShowResultParts,
  uri: Uri,
  which: "last" | "choose",
): Promise<void> {
  const { file, scenario } = await readFile(scenarios, uri);
  const title = titleOf(file, scenario);
  const found = await results.of(title);
  if (found.length === 0) throw new Error(t("{0} has not been run yet", title));
  const chosen = which === "last" ? found[0] : await choose(inputs, found);
  const run = chosen && (await runs.open(chosen.file.id));
  if (run) panel.show(run);
}

async function choose(inputs: Inputs, found: readonly ScenarioResult[]): Promise<ScenarioResult | undefined> {
  const answer = await inputs.choose({
    title: t("Scale Test: Results"),
    back: false,
    placeholder: t("Select a result"),
    choices: found.map((one) => {
      const { outcome } = one.result;
      const summary = wordsOf(outcome.refusal ?? outcome.summary);
      const choice = runChoice(one.file, one, summary);
      return {
        ...choice,
        label: `${iconText(endingLook(outcome))} ${endingWord(outcome)}`,
      };
    }),
  });
  return answer === BACK ? undefined : answer;
}
