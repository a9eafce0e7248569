import { titleOf } from "../../../app/scenario/title.ts";
import { formatDateTime } from "../../../l10n/figures.ts";
import { listed, plural, t, wordsOf } from "../../../l10n/text.ts";
import type { Scenario } from "../../../scenario/model.ts";
import { onlyStep } from "../../../scenario/only.ts";
import { hasErrors, type Problem } from "../../../scenario/problem.ts";
import type { CommandId } from "../../ids.ts";
import { endingWord } from "../../text.ts";
import { endingLook, iconText } from "../../ui/looks.ts";
import type { ScenarioResult } from "./last-results.ts";

/** A line of commands above a line of a file. Without a command, it only tells something. */
export interface Lens {
  /** From 0. */
  line: number;
  title: string;
  tooltip?: string;
  command?: CommandId;
  /** After the file's URI. */
  args?: readonly string[];
}

/** Above the name: run, preflight, results; above a search: that; above each step: that step alone. */
export function lensesOf(
  scenario: Scenario,
  problems: readonly Problem[],
  results: readonly ScenarioResult[],
): Lens[] {
  const { line } = scenario.nameRange.start;
  const isFaulty = hasErrors(problems);
  return [
    { line, title: t("$(play) Run"), command: "scaletest.runScenario" },
    { line, title: t("Preflight"), command: "scaletest.preflightScenario" },
    ...resultLenses(line, results),
    ...(isFaulty ? [] : searchLens(scenario)),
    ...(isFaulty ? [] : stepLenses(scenario)),
  ];
}

/** Above the search of a file that has one. */
function searchLens({ search, searchRange }: Scenario): Lens[] {
  if (!search || !searchRange) return [];
  const { vary = "", from = "", to = "" } = search;
  return [
    {
      line: searchRange.start.line,
      title: t("$(graph-line) Find the Limit"),
      tooltip: t("{0} from {1} to {2}", vary, from, to),
      command: "scaletest.findLimit",
    },
  ];
}

function resultLenses(line: number, results: readonly ScenarioResult[]): Lens[] {
  const [last, ...earlier] = results;
  if (!last) return [];
  const { outcome } = last.result;
  const icon = iconText(endingLook(outcome));
  const lens: Lens = {
    line,
    title: t("{0} Last result: {1}", icon, endingWord(outcome)),
    tooltip: `${formatDateTime(last.file.createdAt)}: ${wordsOf(outcome.refusal ?? outcome.summary)}`,
    command: "scaletest.lastScenarioResult",
  };
  if (earlier.length === 0) return [lens];
  const title = plural(results.length, { one: "{0} result", other: "{0} results" });
  return [lens, { line, title, command: "scaletest.scenarioResults" }];
}

/** Copies of a repeated step stand in one place: the first is as good as the others. */
function stepLenses(scenario: Scenario): Lens[] {
  const lenses = new Map<number, Lens>();
  for (const { name, places } of scenario.steps) {
    const { line } = places.range.start;
    if (!lenses.has(line)) lenses.set(line, stepLens(scenario, name, line));
  }
  return [...lenses.values()];
}

function stepLens(scenario: Scenario, name: string, line: number): Lens {
  const only = onlyStep(scenario, name);
  if ("problem" in only) return { line, title: t("Not alone: {0}", wordsOf(only.problem)) };
  const before = only.before.map((step) => step.name);
  return {
    line,
    title:
      before.length > 0
        ? t("$(play) Run only this step (after {0})", listed(before))
        : t("$(play) Run only this step"),
    ...(before.length > 0
      ? { tooltip: t("{0} makes the workspaces that the step takes", listed(before)) }
      : {}),
    command: "scaletest.runScenarioStep",
    args: [name],
  };
}

/** What runs of one step alone are called: their results are not the scenario's. */
export function stepTitle(file: string, scenario: Scenario, step: string): string {
  return t("{0}: only {1}", titleOf(file, scenario), step);
}
