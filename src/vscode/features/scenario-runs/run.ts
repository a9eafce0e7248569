import type { Uri } from "vscode";
import { t, wordsOf } from "../../../l10n/text.ts";
import type { Check } from "../../../protocol/check.ts";
import { profileField } from "../../../scenario/kinds.ts";
import type { Scenario } from "../../../scenario/model.ts";
import { onlyStep } from "../../../scenario/only.ts";
import { toRequest } from "../../../scenario/request.ts";
import { writeScenario } from "../../../scenario/write.ts";
import { workloads } from "../../../workloads/index.ts";
import { checkLines, runChecks } from "../../ask/checks.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import { BACK, type Choice, type Inputs } from "../../ui/inputs.ts";
import { askForDeployment, askForScenario, type ScenarioAskParts } from "./ask.ts";
import { readToRun } from "./files.ts";
import { stepTitle } from "./lenses.ts";
import type { StartedScenario } from "./tests.ts";

export interface RunningParts {
  asking: ScenarioAskParts;
  scenarios: ScenarioDocuments;
  start(run: NewRun): Promise<WatchedRun | undefined>;
}

/** Reads a file, asks what it cannot decide, and starts it, by this title if one is given. undefined where the person left. */
export async function startScenario(
  { asking, scenarios, start }: RunningParts,
  uri: Uri,
  title?: string,
): Promise<StartedScenario | undefined> {
  const file = await readToRun(scenarios, uri);
  const asked = await askForScenario(asking, { ...file, uri: uri.toString() });
  const run = asked && (await start(title === undefined ? asked : { ...asked, title }));
  return run && { file, run };
}

/** The same of one step, with the workspaces that it needs. Resolves with the run's id. */
export async function startStep(
  { asking, scenarios, start }: RunningParts,
  inputs: Inputs,
  uri: Uri,
  wanted: string | undefined,
): Promise<string | undefined> {
  const { file, scenario } = await readToRun(scenarios, uri);
  const name = wanted ?? (await chooseStep(inputs, scenario));
  if (name === undefined) return undefined;
  const only = onlyStep(scenario, name);
  if ("problem" in only) throw new Error(wordsOf(only.problem));
  const title = stepTitle(file, scenario, name);
  const asked = await askForScenario(asking, { uri: uri.toString(), file, scenario: only.scenario });
  if (!asked) return undefined;
  // What is kept with the run is what was run.
  const { text } = writeScenario({ name: title, ...toRequest(only.scenario) }, workloads);
  return (await start({ ...asked, title, scenario: text }))?.id;
}

async function chooseStep(inputs: Inputs, scenario: Scenario): Promise<string | undefined> {
  const answer = await inputs.choose({
    title: t("Scale Test: Run only this Step"),
    back: false,
    placeholder: t("Select a step"),
    choices: scenario.steps.map(({ name, checked }) => ({
      label: name,
      ...(checked ? { detail: checked.title } : {}),
      value: name,
    })),
  });
  return answer === BACK ? undefined : answer;
}

/** What can be found out before a run, by step. Resolves when the person has read it. */
export async function preflightScenario(
  { asking, scenarios }: Pick<RunningParts, "asking" | "scenarios">,
  uri: Uri,
): Promise<void> {
  const { scenario } = await readToRun(scenarios, uri);
  const draft = await askForDeployment(asking, scenario);
  if (!draft) return;
  const target = await asking.target(draft.url);
  await asking.inputs.choose<never>({
    title: t("Scale Test: Preflight"),
    back: false,
    placeholder: t("What was found; Escape closes"),
    choices: Promise.all(
      toBeChecked(scenario).map(async ({ name, workload, config }) => {
        const checks: Check[] = await runChecks(workload, config, target, asking);
        return headed(name, checkLines<never>(checks, true));
      }),
    ).then((lines) => lines.flat()),
  });
}

/** Steps that put a load on a deployment; of those that take workspaces which a step makes before, nothing is there yet. */
function toBeChecked(
  scenario: Scenario,
): { name: string; workload: string; config: Record<string, unknown> }[] {
  const isMade = scenario.steps.some(({ checked }) => (checked?.makes ?? 0) > 0);
  return toRequest(scenario).steps.filter((_, at) => {
    const workload = scenario.steps[at]?.workload;
    const takes = workload && profileField(workload, "share") !== undefined;
    return workload?.hasPreflight && !(takes && isMade);
  });
}

function headed(name: string, lines: Choice<never>[]): Choice<never>[] {
  const [first, ...others] = lines;
  return first ? [{ ...first, group: name }, ...others] : [];
}
