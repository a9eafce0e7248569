import { Command, Option } from "commander";
import { type LimitAsked, limitOf } from "../app/limit/request.ts";
import type { RunRequest } from "../app/run-request.ts";
import type { Workload } from "../contract/workload.ts";
import { oneStep } from "../protocol/step-request.ts";
import { VARIED } from "../scenario/search.ts";
import { english } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { workloadNamed, workloads } from "../workloads/index.ts";
import { deployment, quiet, serverMetricsFlags, targetFlags } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { guardOf } from "./guard.ts";
import { outputSpecs, parseOutputs } from "./outputs.ts";
import { runHeadless, runsAt } from "./run.ts";
import { checkAllowed, type RunFlags, runFile } from "./scenario-command.ts";
import { readFiles, refuseFaulty, scenarioFlags } from "./scenario-files.ts";
import { runMetrics } from "./server-metrics.ts";
import { runTelemetry, telemetryFlags } from "./telemetry.ts";
import { withVerdict } from "./verdict.ts";
import { addOptions, configOf } from "./workload-command.ts";

type LimitFlags = RunFlags & LimitAsked;

/** `limit FILE`, or `limit WORKLOAD` with its flags: finds the largest load that meets the thresholds. */
export function limitProgram(setExit: (code: number) => void): Command {
  const command = limitFlags(new Command("limit"))
    .description("Find the largest load that meets the thresholds of a scenario, and what breaks first")
    // What stands behind a load is that load's.
    .enablePositionalOptions()
    .argument("<file>", "a scenario file; or a load such as workspace-traffic, with its own flags")
    .action(async (file: string, flags: LimitFlags) => {
      setExit(await limitOfFile(file, flags));
    });
  scenarioFlags(command)
    .option("--allow-run", "let steps of the file run programs on this machine")
    .option("-y, --yes", "allow steps that delete what other runs have left");
  for (const workload of workloads.filter(
    (one) => !one.internal && !one.removes && one.command.length === 1,
  )) {
    const own = limitFlags(new Command(workload.command[0])).description(
      `Find the limit of: ${workload.summary}`,
    );
    addOptions(own, workload.fields);
    own.action(async (flags: LimitFlags & Record<string, unknown>) => {
      setExit(await limitOfWorkload(workload, flags));
    });
    command.addCommand(own);
  }
  return command;
}

function limitFlags(command: Command): Command {
  return telemetryFlags(serverMetricsFlags(targetFlags(quiet(command))))
    .option("--vary <what[@step]>", `what of which step: ${VARIED.join(", ")}`)
    .option("--from <n>", "the smallest level, which the search begins at")
    .option("--to <n>", "the ceiling")
    .option(
      "--and <what=n,n>",
      "a second number with its values, such as rate=1,2,5,10 (messages a second of each connection): a search for each",
    )
    .option(
      "--precision <share>",
      "how near the largest passing level and the smallest failing one come (5%)",
    )
    .option("--budget <duration>", "how long it may take (45m)")
    .addOption(new Option("--pace <pace>").hideHelp())
    .option("--runs-dir <path>", "where the run's folder is made ($CODER_SCALETEST_HOME/runs)")
    .option("--i-know-this-is <host>", "put the load on a deployment that is not marked as staging: its host")
    .option("--detach", "start the run, print its id and leave it to itself");
}

async function limitOfFile(path: string, flags: LimitFlags): Promise<number> {
  const files = await readFiles([path], flags);
  refuseFaulty(files);
  const [file] = files;
  if (!file) return EXIT.usage;
  checkAllowed(file, flags);
  const outputs = parseOutputs(outputSpecs(flags.output));
  // What the flags say goes before what the file says.
  const asked = { ...file.scenario.search, ...askedBy(flags) };
  const plain = { ...file, scenario: { ...file.scenario, search: undefined } };
  return runFile(plain, outputs, flags, (request) => ({ ...request, ...searchOf(request, asked) }));
}

function limitOfWorkload(workload: Workload, flags: LimitFlags & Record<string, unknown>): Promise<number> {
  const { config, title } = configOf(workload, flags);
  const found = searchOf({ title, steps: oneStep(workload.name, config) }, flags);
  const outputs = parseOutputs(outputSpecs(flags.output));
  return withVerdict(outputs, async () => {
    const { target, sandbox } = await deployment(flags);
    try {
      const guard = await guardOf(target, flags.iKnowThisIs);
      const runs = runsAt(flags.runsDir);
      const serverMetrics = await runMetrics(flags, target);
      const telemetry = await runTelemetry(flags);
      const detach = flags.detach === true;
      return await runHeadless({
        ...{ ...found, target, sandbox, guard, outputs },
        ...{ runs, serverMetrics, telemetry, detach },
      });
    } finally {
      await sandbox?.close();
    }
  });
}

function askedBy({ vary, from, to, and, precision, budget, pace }: LimitFlags): LimitAsked {
  const all = Object.entries({ vary, from, to, and, precision, budget, pace });
  return Object.fromEntries(all.filter(([, text]) => text !== undefined));
}

/** Throws CliError (usage) where it cannot be searched. */
function searchOf(
  { title, steps }: Pick<RunRequest, "title" | "steps">,
  flags: LimitAsked,
): Pick<RunRequest, "title" | "steps" | "limit"> {
  try {
    return { ...limitOf(flags, steps, workloadNamed), title: `limit: ${title}` };
  } catch (error) {
    if (error instanceof SaidError) throw new CliError(english(error.said), EXIT.usage);
    throw error;
  }
}
