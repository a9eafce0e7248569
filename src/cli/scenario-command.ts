import path from "node:path";
import { Command, Option } from "commander";
import type { RunRequest } from "../app/run-request.ts";
import { meantForOther, programSteps, removingSteps } from "../app/scenario/allowed.ts";
import { scenarioRun } from "../app/scenario/run.ts";
import { baseName, titleOf } from "../app/scenario/title.ts";
import type { Scenario } from "../scenario/model.ts";
import { planOf } from "../scenario/plan.ts";
import { planText } from "../scenario/plan-text.ts";
import {
  baselineFlag,
  type CommonFlags,
  deployment,
  quiet,
  serverMetricsFlags,
  targetFlags,
} from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { guardOf } from "./guard.ts";
import { type Output, outputSpecs, parseOutputs } from "./outputs.ts";
import { type ComparedWith, comparedByFlag, runHeadless, runsAt } from "./run.ts";
import {
  readFiles,
  refuseFaulty,
  type ScenarioFile,
  type ScenarioFlags,
  scenarioFlags,
} from "./scenario-files.ts";
import { runMetrics } from "./server-metrics.ts";
import { namedAddress } from "./target.ts";
import { runTelemetry, telemetryFlags } from "./telemetry.ts";
import { withVerdict } from "./verdict.ts";
import { tellParts } from "./worker/front.ts";

export type RunFlags = CommonFlags &
  ScenarioFlags & { plan?: boolean; allowRun?: boolean; pace?: string | undefined };

/** In the path of an output: the name of the scenario's file, where there are several. */
const FILE_PLACE = "{file}";

/** `run FILE…`: runs scenarios, one after the other. `part`: which of them, in a process for this one. */
export function scenarioProgram(setExit: (code: number) => void, part?: string): Command {
  const command = targetFlags(quiet(new Command("run")))
    .description("Run scenario files, one after the other; several exit with the worst of their codes")
    .argument("<file...>", "scenario files, such as nightly.scaletest.yaml, or presets, such as 200-users")
    .option("--plan", "only show what would be done, and when")
    .option("--runs-dir <path>", "where the runs' folders are made ($CODER_SCALETEST_HOME/runs)")
    .option("--i-know-this-is <host>", "put the load on a deployment that is not marked as staging: its host")
    .option("--detach", "start the run, print its id and leave it to itself")
    .option("--allow-run", "let steps of the files run programs on this machine")
    .option("-y, --yes", "allow steps that delete what other runs have left")
    // Of a search: for tests of this tool.
    .addOption(new Option("--pace <pace>").hideHelp());
  const flagged = telemetryFlags(serverMetricsFlags(scenarioFlags(baselineFlag(command))));
  return flagged.action(async (files: string[], flags: RunFlags) => {
    setExit(await (part === undefined ? runFiles(files, flags) : runOneOfSeveral(part, flags)));
  });
}

async function runFiles(paths: readonly string[], flags: RunFlags): Promise<number> {
  const files = await readFiles(paths, flags);
  refuseFaulty(files);
  if (flags.plan) return showPlans(files);
  const [only, ...more] = files;
  if (flags.detach && more.length > 0)
    throw new CliError("--detach takes one file: several run one after the other", EXIT.usage);
  const outputs = files.map((file) => outputsOf(file, outputSpecs(flags.output), more.length > 0));
  for (const file of files) checkAllowed(file, flags);
  if (only && more.length === 0) return runFile(only, outputs[0] ?? [], flags);
  tellParts(files.map(({ file }) => ({ name: file, about: `${file}: ` })));
  return EXIT.passed;
}

function showPlans(files: readonly ScenarioFile[]): number {
  for (const { file, scenario } of files)
    process.stdout.write(`${titleOf(file, scenario)}\n\n${planText(planOf(scenario))}\n`);
  return EXIT.passed;
}

/** Of several files, each writes to a path of its own. Throws CliError (usage). */
function outputsOf({ file }: ScenarioFile, specs: readonly string[], areSeveral: boolean): Output[] {
  const shared = specs.find((spec) => /:(?!-$)./.test(spec) && !spec.includes(FILE_PLACE));
  if (areSeveral && shared !== undefined)
    throw new CliError(
      `--output ${shared} would be written by each of the files; put ${FILE_PLACE} into its path`,
      EXIT.usage,
    );
  return parseOutputs(specs.map((spec) => spec.replaceAll(FILE_PLACE, baseName(file))));
}

/** What a file may not decide by itself. Throws CliError. */
export function checkAllowed({ file, scenario }: ScenarioFile, flags: RunFlags): void {
  const [removing] = removingSteps(scenario);
  if (removing && !flags.yes)
    throw new CliError(
      `nothing was run: step "${removing.name}" of ${file} deletes what scale tests have left on the deployment; pass --yes to allow that`,
      EXIT.refused,
    );
  const [running] = programSteps(scenario);
  if (running && !flags.allowRun)
    throw new CliError(
      `nothing was run: step "${running.step.name}" of ${file} runs a program on this machine (${running.program}); pass --allow-run where you trust the file`,
      EXIT.refused,
    );
}

/** The other files are run whatever comes of this one. */
async function runOneOfSeveral(path: string, flags: RunFlags): Promise<number> {
  process.stderr.write(`${path}\n`);
  const files = await readFiles([path], flags);
  refuseFaulty(files);
  const [file] = files;
  if (!file) return EXIT.usage;
  checkAllowed(file, flags);
  return runFile(file, outputsOf(file, outputSpecs(flags.output), true), flags);
}

/** `change`: of what the file asks for. Rejects with CliError where the file may not decide that by itself. */
export function runFile(
  { file, scenario }: ScenarioFile,
  outputs: readonly Output[],
  flags: RunFlags,
  change = (request: RunRequest) => atPace(request, flags),
): Promise<number> {
  return withVerdict(outputs, async () => {
    await refuseOther(file, scenario, flags);
    const { target, sandbox } = await deployment(flags);
    try {
      const guard = await guardOf(target, flags.iKnowThisIs);
      return await runHeadless({
        ...change(scenarioRun(file, scenario, { target, guard, allowRun: flags.allowRun === true })),
        comparedWith: comparedByFlag(flags) ?? comparedByFile(file, scenario),
        serverMetrics: await runMetrics(flags, target, scenario.serverMetrics),
        telemetry: await runTelemetry(flags),
        outputs,
        sandbox,
        runs: runsAt(flags.runsDir),
        detach: flags.detach === true,
      });
    } finally {
      await sandbox?.close();
    }
  });
}

function atPace(request: RunRequest, { pace }: RunFlags): RunRequest {
  return request.limit && pace === "quick" ? { ...request, limit: { ...request.limit, pace } } : request;
}

/** Its path counts from the file's folder. */
function comparedByFile(file: string, { baseline }: Scenario): ComparedWith | undefined {
  return baseline === undefined ? undefined : { asked: baseline, folder: path.dirname(path.resolve(file)) };
}

/** Before anything is sent. Throws CliError where the file is meant for another deployment than the session's. */
async function refuseOther(file: string, scenario: Scenario, flags: RunFlags): Promise<void> {
  if (!scenario.deployment || flags.sandbox) return;
  const { origin } = await namedAddress(flags);
  const wanted = meantForOther(scenario, origin);
  if (wanted === undefined) return;
  throw new CliError(
    `${file} is meant for ${wanted}, and the session is of ${origin}: pass --url ${wanted} with a token of it, or take "deployment" out of the file`,
    EXIT.refused,
  );
}
