import type { Command } from "commander";
import type { Target } from "../protocol/target.ts";
import type { Sandbox } from "../sandbox/server.ts";
import { CliError, EXIT } from "./exit.ts";
import { FORMATS } from "./outputs.ts";
import { ownSandbox } from "./own-sandbox.ts";
import { targetOf } from "./target.ts";

/** Flags that commands share. */
export interface CommonFlags {
  url?: string;
  token?: string;
  globalConfig?: string;
  sandbox?: boolean;
  output?: string[];
  runsDir?: string;
  yes?: boolean;
  dryRun?: boolean;
  detach?: boolean;
  iKnowThisIs?: string;
  serverMetrics?: string[];
  serverMetricsAround?: string;
  kubeconfig?: string;
  kubeContext?: string;
  kubeNamespace?: string;
  allowExec?: boolean;
  baseline?: string;
  trace?: boolean;
  tracePropagate?: boolean;
  traceHoneycombApiKey?: string;
  otlpMetrics?: boolean;
}

/** Errors are told by us, in one line; help goes to standard output. */
export function quiet(command: Command): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => undefined });
}

/** Which deployment, and who asks it. */
export function deploymentFlags(command: Command): Command {
  return command
    .option("--url <url>", "the deployment ($CODER_URL); by default the one that is logged in to")
    .option("--token <token>", "session token of an owner ($CODER_SESSION_TOKEN, or a login)")
    .option("--global-config <path>", "folder of Coder's own command, for its login ($CODER_CONFIG_DIR)");
}

/** Which deployment, and where the result goes. */
export function targetFlags(command: Command): Command {
  return deploymentFlags(command)
    .option("--sandbox", "run against a simulated deployment, started for this run")
    .option("--output <format[:path]>", `${OUTPUT} ($CODER_SCALETEST_OUTPUTS)`, collect);
}

/** The deployment's own figures beside those of a run. */
export function serverMetricsFlags(command: Command): Command {
  return serverMetricsFlag(command).option(
    "--server-metrics-around <duration>",
    "how long they are read before the load, and after it (default 5s)",
  );
}

/** The same for what looks only. */
export function serverMetricsFlag(command: Command): Command {
  return command
    .option(
      "--server-metrics <address>",
      "read the deployment's own figures: the address of coderd's Prometheus metrics (one for each replica; may be repeated), a Prometheus server (prometheus+http://HOST:9090?namespace=coder&job=coderd), postgres (by $CODER_SCALETEST_PG_URL), auto, or api ($CODER_SCALETEST_SERVER_METRICS; its token is $CODER_SCALETEST_SERVER_METRICS_TOKEN)",
      collect,
    )
    .option(
      "--kubeconfig <file>",
      "read what Kubernetes tells of the deployment's pods, and check them by Coder's advice",
    )
    .option("--kube-context <name>", "context of the kubeconfig (default: its current one)")
    .option("--kube-namespace <name>", "namespace of coderd (default: the context's, else coder)")
    .option("--allow-exec", "run the command that the kubeconfig takes credentials from");
}

/** With what a run is compared. */
export function baselineFlag(command: Command): Command {
  return command.option(
    "--baseline <run|file|last-passed>",
    "compare with an earlier run: its id or folder, a result as JSON, or the newest passed run of the same test; worse exits with 99",
  );
}

/** What `--output` takes. */
export const OUTPUT = `${FORMATS.join(", ")}: to standard output, or to a file with :PATH; may be repeated`;

export function collect(value: string, all: string[] | undefined): string[] {
  return [...(all ?? []), value];
}

/** The deployment that is meant: the one named, or a sandbox made for this command. */
export async function deployment(flags: CommonFlags): Promise<{ target: Target; sandbox?: Sandbox }> {
  if (!flags.sandbox) return { target: await targetOf(flags) };
  if (flags.detach)
    throw new CliError(
      "--detach needs a deployment that outlives this command; --sandbox does not",
      EXIT.usage,
    );
  if (flags.url) throw new CliError("--sandbox and --url exclude each other", EXIT.usage);
  const sandbox = await ownSandbox();
  return { target: { url: sandbox.url, token: sandbox.token, network: {} }, sandbox };
}
