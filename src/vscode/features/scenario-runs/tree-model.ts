import { baseName } from "../../../app/scenario/title.ts";
import { formatDateTime } from "../../../l10n/figures.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import { endWords } from "../../run-end.ts";
import { endingLook, LOOKS, type Look } from "../../ui/looks.ts";
import { lineId } from "../../ui/tree-ids.ts";
import type { TreeLine } from "../../ui/tree-line.ts";
import type { ScenarioResult } from "./last-results.ts";

/** A scenario's file in the tree. It is also an argument of commands, which take the file from it. */
export interface ScenarioNode extends TreeLine {
  /** URI of the file. */
  scenario: string;
}

/** What is known of a scenario's file. */
export interface KnownScenario {
  uri: string;
  /** Its path in the folder that is open. */
  file: string;
  /** What its runs are called. */
  title: string;
  isRunning: boolean;
  last: Pick<ScenarioResult, "file" | "result"> | undefined;
}

/** By their paths, each with what its last run came to. */
export function scenarioNodes(scenarios: readonly KnownScenario[]): ScenarioNode[] {
  const names = scenarios.map(({ file }) => baseName(file));
  const isShared = (name: string) => names.indexOf(name) !== names.lastIndexOf(name);
  return [...scenarios]
    .sort((a, b) => a.file.localeCompare(b.file))
    .map((one) => scenarioNode(one, isShared(baseName(one.file)) ? one.file : baseName(one.file)));
}

/** Files of one name in several folders are told apart by their paths. */
function scenarioNode({ uri, file, title, isRunning, last }: KnownScenario, label: string): ScenarioNode {
  const words = last && endWords(last.result);
  const state = isRunning
    ? t("running")
    : words
      ? [words.outcome, words.figure].filter(Boolean).join(" · ")
      : t("not run yet");
  const outcome = last?.result.outcome;
  return {
    id: lineId("scenario", uri),
    scenario: uri,
    label,
    description: state,
    tooltip: [
      title === label ? "" : title,
      file,
      last && outcome
        ? t(
            "Last run {0}: {1}",
            formatDateTime(last.file.createdAt),
            wordsOf(outcome.refusal ?? outcome.summary),
          )
        : "",
    ]
      .filter(Boolean)
      .join("\n"),
    spoken: `${label}, ${state}`,
    context: "scenario",
    ...lookOf(isRunning, last),
  };
}

function lookOf(isRunning: boolean, last: KnownScenario["last"]): Look {
  if (isRunning) return LOOKS.moving;
  return last ? endingLook(last.result.outcome) : LOOKS.pending;
}
