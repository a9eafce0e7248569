import { Command, CommanderError } from "commander";
import type { Target } from "../protocol/target.ts";
import type { Sandbox } from "../sandbox/server.ts";
import { workloads } from "../workloads/index.ts";
import { UsageError } from "../workloads/options.ts";
import type { Workload } from "../workloads/workload.ts";
import { cleanupCommand } from "./cleanup-command.ts";
import { CliError, EXIT } from "./exit.ts";
import { parseOutputs } from "./outputs.ts";
import { PRODUCT } from "./product.ts";
import { runHeadless } from "./run.ts";
import { type SandboxFlags, sandboxCommand } from "./sandbox-command.ts";
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
  for (const workload of workloads) program.addCommand(workloadCommand(workload, setExit));
  program.addCommand(sandboxProgram());
  return program;
}

function workloadCommand(workload: Workload, setExit: (code: number) => void): Command {
  const command = quiet(new Command(workload.name)).description(workload.summary);
  command
    .option("--url <url>", "the deployment ($CODER_URL)")
    .option("--token <token>", "session token of an owner ($CODER_SESSION_TOKEN)")
    .option("--sandbox", "run against a simulated deployment, started for this run")
    .option(
      "--output <format[:path]>",
      "text or json, to a file with :PATH; may be repeated ($CODER_SCALETEST_OUTPUTS)",
      collect,
    )
    .option("--runs-dir <path>", "where the run's folder is made ($CODER_SCALETEST_HOME/runs)");
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
  const runsDir = flags.runsDir;
  const { target, sandbox } = await deployment(flags);
  try {
    const run = { config, title, target, outputs, runsDir };
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
  if (flags.url) throw new CliError("--sandbox and --url exclude each other", EXIT.usage);
  const { startSandbox } = await import("../sandbox/server.ts");
  const sandbox = await startSandbox();
  return { target: { url: sandbox.url, token: sandbox.token, network: {} }, sandbox };
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
    .option("--json", "print one line of JSON when it is ready")
    .action(async (flags: SandboxFlags) => sandboxCommand(flags));
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
