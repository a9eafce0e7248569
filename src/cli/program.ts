import { Command } from "commander";
import type { Workload } from "../contract/workload.ts";
import { oneStep } from "../protocol/step-request.ts";
import { workloads } from "../workloads/index.ts";
import { type CleanupRun, cleanupCommand } from "./cleanup-command.ts";
import {
  baselineFlag,
  type CommonFlags,
  deployment,
  deploymentFlags,
  quiet,
  serverMetricsFlags,
  targetFlags,
} from "./command.ts";
import { dashboardProgram } from "./dashboard-command.ts";
import { deploymentsProgram } from "./deployments-command.ts";
import { guardOf } from "./guard.ts";
import { limitProgram } from "./limit-command.ts";
import { loginProgram, logoutProgram } from "./login-command.ts";
import { outputSpecs, parseOutputs } from "./outputs.ts";
import { planProgram } from "./plan-command.ts";
import { lookOnly, preflightProgram } from "./preflight-command.ts";
import { presetsProgram } from "./presets-command.ts";
import { PRODUCT } from "./product.ts";
import { comparedByFlag, runHeadless, runsAt } from "./run.ts";
import { runsProgram } from "./runs-program.ts";
import { sandboxProgram } from "./sandbox-command.ts";
import { scenarioProgram } from "./scenario-command.ts";
import { runMetrics } from "./server-metrics.ts";
import { runTelemetry, telemetryFlags } from "./telemetry.ts";
import { validateProgram } from "./validate-command.ts";
import { withVerdict } from "./verdict.ts";
import { addOptions, configOf } from "./workload-command.ts";

/**
 * All commands and flags. `setExit` takes the exit code of the one that runs. `part`: of one that consists of several runs,
 * which one is to be done.
 */
export function programFor(setExit: (code: number) => void, part?: string): Command {
  const program = deploymentFlags(new Command("coder-scaletest"))
    .description("Scale-test a Coder deployment: real workspaces, real terminals, nothing left behind")
    .version(PRODUCT)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => undefined })
    // What stands behind a command is the command's; what stands before it is handed on to it.
    .enablePositionalOptions()
    .hook("preAction", (_program, command) => handOn(program, command));
  for (const workload of workloads.filter((one) => !one.internal)) addWorkload(program, workload, setExit);
  program.addCommand(scenarioProgram(setExit, part));
  program.addCommand(limitProgram(setExit));
  program.addCommand(validateProgram(setExit));
  program.addCommand(presetsProgram());
  program.addCommand(planProgram());
  program.addCommand(dashboardProgram());
  program.addCommand(preflightProgram(setExit));
  program.addCommand(runsProgram(setExit, part));
  program.addCommand(loginProgram());
  program.addCommand(logoutProgram());
  program.addCommand(deploymentsProgram());
  program.addCommand(sandboxProgram());
  return program;
}

/** Flags before the command count for it, unless it has been given its own. */
function handOn(program: Command, command: Command): void {
  for (const { name, value } of givenTo(program)) {
    const isKnown = command.options.some((option) => option.attributeName() === name);
    if (isKnown && command.getOptionValue(name) === undefined) command.setOptionValue(name, value);
  }
  if (command.getOptionValue("token") !== undefined)
    process.stderr.write(
      "warning: others on this machine can read --token in the list of processes; set CODER_SESSION_TOKEN, or log in with: coder-scaletest login\n",
    );
}

function givenTo(program: Command): { name: string; value: unknown }[] {
  return Object.entries(program.opts()).map(([name, value]) => ({ name, value }));
}

/** Under the words of its command: `prepare users` is the command `users` of the command `prepare`. */
function addWorkload(program: Command, workload: Workload, setExit: (code: number) => void): void {
  const words = [...workload.command];
  const last = words.pop() ?? workload.name;
  let parent = program;
  for (const word of words) {
    const known = parent.commands.find((one) => one.name() === word);
    parent = known ?? parent.command(word).description(GROUPS[word] ?? "");
  }
  parent.addCommand(workloadCommand(workload, last, setExit));
}

/** Commands that only have commands of their own. */
const GROUPS: Readonly<Record<string, string>> = {
  prepare: "Create users or workspaces that are kept as a pool, for many runs",
};

function workloadCommand(workload: Workload, name: string, setExit: (code: number) => void): Command {
  const command = targetFlags(quiet(new Command(name)).description(workload.summary));
  command.option("--runs-dir <path>", "where the run's folder is made ($CODER_SCALETEST_HOME/runs)");
  command.option(
    "--i-know-this-is <host>",
    "put the load on a deployment that is not marked as staging: its host",
  );
  command.option("--detach", "start the run, print its id and leave it to itself");
  if (!workload.removes) baselineFlag(command);
  if (workload.removes) {
    command.option("--dry-run", "only list what would be deleted").option("-y, --yes", "do not ask");
  }
  if (workload.hasPreflight) {
    command.option(
      "--dry-run",
      "only check the deployment and show what the run would do it with, as preflight",
    );
  }
  if (!workload.removes) telemetryFlags(serverMetricsFlags(command));
  addOptions(command, workload.fields);
  return command.action(async (flags: CommonFlags & Record<string, unknown>) => {
    setExit(await runWorkload(workload, flags));
  });
}

async function runWorkload(
  workload: Workload,
  flags: CommonFlags & Record<string, unknown>,
): Promise<number> {
  const { config, title } = configOf(workload, flags);
  if (flags.dryRun && !workload.removes) return lookOnly(workload, config, flags);
  const outputs = parseOutputs(outputSpecs(flags.output));
  return withVerdict(outputs, () => runWith(workload, flags, { config, title, outputs }));
}

async function runWith(
  workload: Workload,
  flags: CommonFlags,
  { config, ...asked }: Pick<CleanupRun, "config" | "title" | "outputs">,
): Promise<number> {
  const runs = runsAt(flags.runsDir);
  const { target, sandbox } = await deployment(flags);
  try {
    const guard = await guardOf(target, flags.iKnowThisIs);
    const run = { ...asked, target, sandbox, guard, runs, detach: flags.detach === true };
    if (workload.removes) {
      return await cleanupCommand({ ...run, config, yes: flags.yes === true, dryRun: flags.dryRun === true });
    }
    const serverMetrics = await runMetrics(flags, target);
    const telemetry = await runTelemetry(flags);
    const comparedWith = comparedByFlag(flags);
    return await runHeadless({
      ...run,
      serverMetrics,
      telemetry,
      comparedWith,
      steps: oneStep(workload.name, config),
    });
  } finally {
    await sandbox?.close();
  }
}
