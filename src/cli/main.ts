import { Command, CommanderError } from "commander";
import type { Target } from "../protocol/target.ts";
import type { Sandbox } from "../sandbox/server.ts";
import { createWorkspaces } from "../workloads/create-workspaces/workload.ts";
import { workloads } from "../workloads/index.ts";
import { UsageError } from "../workloads/options.ts";
import type { Workload } from "../workloads/workload.ts";
import { cleanupCommand } from "./cleanup-command.ts";
import { confirm } from "./confirm.ts";
import { deploymentsList, deploymentsMark } from "./deployments-command.ts";
import { CliError, EXIT } from "./exit.ts";
import { guardOf } from "./guard.ts";
import { parseOutputs } from "./outputs.ts";
import { preflightCommand } from "./preflight-command.ts";
import { PRODUCT } from "./product.ts";
import { runHeadless, runsAt } from "./run.ts";
import { runsClean, runsDismiss, runsList, runsStop, runsWatch } from "./runs-command.ts";
import { faultNames, type SandboxFlags, sandboxCommand } from "./sandbox-command.ts";
import { targetOf } from "./target.ts";
import { addOptions, configOf } from "./workload-command.ts";

interface CommonFlags {
  url?: string;
  token?: string;
  sandbox?: boolean;
  output?: string[];
  runsDir?: string;
  yes?: boolean;
  dryRun?: boolean;
  detach?: boolean;
  iKnowThisIs?: string;
}

async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.passed;
  const program = programFor((code) => {
    exitCode = code;
  });
  await program.parseAsync([...argv]);
  return exitCode;
}

function programFor(setExit: (code: number) => void): Command {
  const program = new Command("coder-scaletest")
    .description("Scale-test a Coder deployment: real workspaces, real terminals, nothing left behind")
    .version(PRODUCT)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => undefined });
  for (const workload of workloads.filter((one) => !one.internal))
    program.addCommand(workloadCommand(workload, setExit));
  program.addCommand(preflightProgram(setExit));
  program.addCommand(runsProgram(setExit));
  program.addCommand(deploymentsProgram());
  program.addCommand(sandboxProgram());
  return program;
}

function workloadCommand(workload: Workload, setExit: (code: number) => void): Command {
  const command = targetFlags(quiet(new Command(workload.name)).description(workload.summary));
  command.option("--runs-dir <path>", "where the run's folder is made ($CODER_SCALETEST_HOME/runs)");
  command.option(
    "--i-know-this-is <host>",
    "put the load on a deployment that is not marked as staging: its host",
  );
  command.option("--detach", "start the run, print its id and leave it to itself");
  if (workload.name === "cleanup") {
    command.option("--dry-run", "only list what would be deleted").option("-y, --yes", "do not ask");
  }
  addOptions(command, workload.options);
  return command.action(async (flags: CommonFlags & Record<string, unknown>) => {
    setExit(await runWorkload(workload, flags));
  });
}

async function runWorkload(
  workload: Workload,
  flags: CommonFlags & Record<string, unknown>,
): Promise<number> {
  const { config, title } = configOf(workload, flags);
  const outputs = parseOutputs(flags.output ?? outputsFromEnvironment());
  const runs = runsAt(flags.runsDir);
  const { target, sandbox } = await deployment(flags);
  try {
    const guard = await guardOf(target, flags.iKnowThisIs);
    const run = { config, title, target, guard, outputs, runs, detach: flags.detach === true };
    if (workload.name === "cleanup") {
      return await cleanupCommand({ ...run, yes: flags.yes === true, dryRun: flags.dryRun === true });
    }
    return await runHeadless({ workload: workload.name, ...run });
  } finally {
    await sandbox?.close();
  }
}

async function deployment(flags: CommonFlags): Promise<{ target: Target; sandbox?: Sandbox }> {
  if (!flags.sandbox) return { target: targetOf(flags) };
  if (flags.detach)
    throw new CliError(
      "--detach needs a deployment that outlives this command; --sandbox does not",
      EXIT.usage,
    );
  if (flags.url) throw new CliError("--sandbox and --url exclude each other", EXIT.usage);
  const { startSandbox } = await import("../sandbox/server.ts");
  const sandbox = await startSandbox();
  return { target: { url: sandbox.url, token: sandbox.token, network: {} }, sandbox };
}

function preflightProgram(setExit: (code: number) => void): Command {
  const command = targetFlags(quiet(new Command("preflight"))).description(
    "Check a deployment before a load: takes the flags of create-workspaces, and makes nothing",
  );
  addOptions(command, createWorkspaces.options);
  return command.action(async (flags: CommonFlags & Record<string, unknown>) => {
    const { config } = configOf(createWorkspaces as unknown as Workload, flags);
    const outputs = parseOutputs(flags.output ?? []);
    const { target, sandbox } = await deployment(flags);
    try {
      setExit(await preflightCommand(config, target, outputs));
    } finally {
      await sandbox?.close();
    }
  });
}

function deploymentsProgram(): Command {
  const group = quiet(new Command("deployments"))
    .description("Which deployments are marked as staging; all others count as production")
    .action(() => deploymentsList());
  group.addCommand(
    quiet(new Command("mark"))
      .description("mark a deployment")
      .argument("<url>")
      .argument("<tag>", "staging or production")
      .action((url: string, tag: string) => deploymentsMark(url, tag)),
  );
  return group;
}

function runsProgram(setExit: (code: number) => void): Command {
  const group = quiet(new Command("runs"))
    .description("List runs; watch, stop, clean up after or dismiss one")
    .option("--runs-dir <path>", "folder of the runs ($CODER_SCALETEST_HOME/runs)")
    .option("--json", "print JSON")
    .option("--all", "dismissed ones too");
  const runs = () => runsAt(group.opts<{ runsDir?: string }>().runsDir);
  group.action((flags: { json?: boolean; all?: boolean }) =>
    runsList(runs(), flags.json === true, flags.all === true),
  );
  const sub = (usage: string, text: string) => {
    const command = quiet(new Command(usage.split(" ")[0] ?? usage)).description(text);
    if (usage.includes(" ")) command.argument(usage.slice(usage.indexOf(" ") + 1), "a run's id");
    group.addCommand(command);
    return command;
  };
  sub("watch <id>", "show a run until it ends; leaving does not end it").action(async (id: string) =>
    setExit(await runsWatch(runs(), id)),
  );
  sub("stop [id]", "stop a run, or all of them, and clean up")
    .option("--keep", "leave what exists as it is")
    .action(async (id: string | undefined, flags: { keep?: boolean }) =>
      setExit(await runsStop(runs(), id, flags.keep === true)),
    );
  sub("dismiss <id>", "take a run off the list; what it left on a deployment stays there").action(
    async (id: string) => setExit(await runsDismiss(runs(), id)),
  );
  sub("clean [id]", "delete what a run's journal still names on the deployment")
    .option("--all", "of every run, interrupted or kept on purpose")
    .option("--url <url>", "the deployment ($CODER_URL)")
    .option("--token <token>", "session token of an owner ($CODER_SESSION_TOKEN)")
    .option("-y, --yes", "do not ask")
    .action(async (id: string | undefined, flags: CommonFlags & { all?: boolean }) => {
      // commander gives a flag that the group knows too to the group.
      const all = flags.all === true || group.opts<{ all?: boolean }>().all === true;
      if ((id === undefined) !== all) throw new CliError("which run? name one, or pass --all", EXIT.usage);
      setExit(
        await runsClean({ runs: runs(), id, target: targetOf(flags), yes: flags.yes === true, confirm }),
      );
    });
  return group;
}

function sandboxProgram(): Command {
  return quiet(new Command("sandbox"))
    .description("Run a simulated Coder deployment on this machine, for trying things out")
    .option("--port <n>", "port to listen on; any free one by default")
    .option("--workspaces <n>", "workspaces that are already there")
    .option("--daemons <n>", "provisioner daemons: builds at the same time (default 10)")
    .option("--build-time <duration>", "time of a start build, or a range such as 1s-3s (default 1s-3s)")
    .option("--rate-limit <n>", "requests a minute for each path and address; off by default")
    .option("--seed <n>", "seed of everything random (default 1)")
    .option("--wildcard-host <host>", "apps on subdomains of this host, such as *.apps.localhost")
    .option("--prometheus-port <n>", "port of the metrics; any free one by default")
    .option(
      "--fault <name=value>",
      `something that goes wrong; may be repeated: ${faultNames().join(", ")}`,
      collect,
    )
    .option("--json", "print one line of JSON when it is ready")
    .action(async (flags: SandboxFlags) => sandboxCommand(flags));
}

/** Which deployment, and where the result goes. */
function targetFlags(command: Command): Command {
  return command
    .option("--url <url>", "the deployment ($CODER_URL)")
    .option("--token <token>", "session token of an owner ($CODER_SESSION_TOKEN)")
    .option("--sandbox", "run against a simulated deployment, started for this run")
    .option(
      "--output <format[:path]>",
      "text or json, to a file with :PATH; may be repeated ($CODER_SCALETEST_OUTPUTS)",
      collect,
    );
}

/** Errors are told by us, in one line; help goes to standard output. */
function quiet(command: Command): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => undefined });
}

function collect(value: string, all: string[] | undefined): string[] {
  return [...(all ?? []), value];
}

function outputsFromEnvironment(): string[] {
  return (process.env.CODER_SCALETEST_OUTPUTS ?? "").split(",").filter(Boolean);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof UsageError) return EXIT.usage;
  return EXIT.someFailed;
}

function tell(error: unknown): void {
  if (error instanceof CommanderError && error.exitCode === 0) return;
  if (error instanceof CommanderError && error.code === "commander.help") return;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`coder-scaletest: ${text.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")}\n`);
}

main(process.argv).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    tell(error);
    process.exitCode = exitCodeOf(error);
  },
);
