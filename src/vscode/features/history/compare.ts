import { plural, t } from "../../../l10n/text.ts";
import { MOST_COMPARED } from "../../../protocol/compare-page.ts";
import type { RunEntry } from "../../../runs/run-list.ts";
import { idOf } from "../../ask/pick-run.ts";
import type { RunReference } from "../../ids.ts";
import { BACK, type Choice } from "../../ui/inputs.ts";
import { choiceOf, endedRuns, type HistoryParts } from "./commands.ts";

/** Opens the page that holds runs against each other: these, or those that a person selects. */
export async function compareRuns(parts: HistoryParts, references: readonly RunReference[]): Promise<void> {
  const ids = await idsToCompare(parts, [...new Set(references.map(idOf))]);
  if (!ids) return;
  if (ids.length < 2) throw new Error(t("Choose two runs or more to compare"));
  if (ids.length > MOST_COMPARED)
    throw new Error(
      plural(MOST_COMPARED, {
        one: "At most {0} run can be compared",
        other: "At most {0} runs can be compared",
      }),
    );
  await parts.comparisons.show(ids);
}

/** Those that are selected; one or none is a start to choose from. undefined where the person left. */
async function idsToCompare(
  parts: HistoryParts,
  selected: readonly string[],
): Promise<readonly string[] | undefined> {
  if (selected.length >= 2) return selected;
  const answer = await parts.inputs.chooseMany({
    title: t("Compare Runs"),
    back: false,
    placeholder: t("Select two to {0} runs to compare", MOST_COMPARED),
    choices: (await endedRuns(parts)).map(namedChoice),
    picked: (id) => selected.includes(id),
  });
  return answer === undefined || answer === BACK ? undefined : answer;
}

/** Runs of one title are told apart by their ids, as the page has them. */
function namedChoice(entry: RunEntry): Choice<string> {
  const choice = choiceOf(entry);
  return { ...choice, description: `${choice.description ?? ""} · ${entry.file.id}` };
}
