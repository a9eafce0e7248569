import { fstatSync } from "node:fs";
import { Command } from "commander";
import { UsageError } from "../contract/fields/usage-error.ts";
import { parseDuration } from "../protocol/duration.ts";
import { type FaultSettings, faultSettingsSchema, NO_FAULTS } from "../sandbox/faults/settings.ts";
import { type LoadModelOptions, NO_LOAD_MODEL } from "../sandbox/model/options.ts";
import type { Sandbox, SandboxOptions } from "../sandbox/server.ts";
import { foreign } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import { collect, quiet } from "./command.ts";
import { ownSandbox } from "./own-sandbox.ts";

export function sandboxProgram(): Command {
  return quiet(new Command("sandbox"))
    .description("Run a simulated Coder deployment on this machine, for trying things out")
    .option("--port <n>", "port to listen on; any free one by default")
    .option("--workspaces <n>", "workspaces that are already there")
    .option("--daemons <n>", "provisioner daemons: builds at the same time (default 10)")
    .option("--build-time <duration>", "time of a start build, or a range such as 1s-3s (default 1s-3s)")
    .option("--rate-limit <n>", "requests a minute for each path and address; off by default")
    .option("--seed <n>", "seed of everything random (default 1)")
    .option("--wildcard-host <host>", "apps on subdomains of this host, such as *.apps.localhost")
    .option(
      "--fresh",
      "no user yet: the first is made by the sign-up of a new server, and nobody has a token before",
    )
    .option("--disable-owner-workspace-access", "owners may not open the terminals of others")
    .option("--max-token-lifetime <duration>", "longest life of a token of those who are no owners")
    .option(
      "--workspace-proxy-port <n>",
      "a workspace proxy at this port, for terminals and apps; 0 for any free one",
    )
    .option("--prometheus-port <n>", "port of the metrics; any free one by default")
    .option(
      "--fault <name=value>",
      `something that goes wrong; may be repeated: ${faultNames().join(", ")}`,
      collect,
    )
    .option(
      "--model <name=value>",
      `what it has and what work costs; may be repeated: ${modelNames().join(", ")}`,
      collect,
    )
    .option("--state <file>", "keep users and workspaces in this SQLite file over restarts")
    .option("--json", "print one line of JSON when it is ready")
    .action(async (flags: SandboxFlags) => sandboxCommand(flags));
}

export interface SandboxFlags {
  port?: string;
  workspaces?: string;
  daemons?: string;
  buildTime?: string;
  seed?: string;
  rateLimit?: string;
  wildcardHost?: string;
  state?: string;
  prometheusPort?: string;
  workspaceProxyPort?: string;
  fault?: string[];
  model?: string[];
  fresh?: boolean;
  disableOwnerWorkspaceAccess?: boolean;
  maxTokenLifetime?: string;
  json?: boolean;
}

/** Runs a sandbox until it is ended. */
export async function sandboxCommand(flags: SandboxFlags): Promise<void> {
  const faults = faultsOf(flags.fault ?? []);
  const options = sandboxOptions(flags);
  const sandbox = await ownSandbox(options);
  sandbox.deployment.faults.set(faults);
  // Before anybody is told that it is ready: what is told may be ended at once.
  const ended = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    // A parent that holds our standard input open and is gone has closed it.
    if (flags.json && standardInputIsPipe()) {
      process.stdin.resume();
      process.stdin.once("end", resolve);
    }
  });
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({
        url: sandbox.url,
        token: sandbox.token,
        prometheus_url: sandbox.prometheusUrl,
        ...(sandbox.proxyUrl === undefined ? {} : { workspace_proxy_url: sandbox.proxyUrl }),
      })}\n`,
    );
  } else {
    process.stdout.write(`${welcome(sandbox)}\n\nCtrl-C ends it.\n`);
  }
  await ended;
  await sandbox.close();
}

function welcome({ url, token, proxyUrl }: Pick<Sandbox, "url" | "token" | "proxyUrl">): string {
  if (token === "") {
    return [
      `Sandbox: ${url}`,
      "It has no user yet. The first one is made by:",
      `  coder login ${url}`,
      `or by POST ${url}/api/v2/users/first`,
    ].join("\n");
  }
  return [
    `Sandbox: ${url}`,
    `Token:   ${token}`,
    ...(proxyUrl === undefined ? [] : [`Proxy:   ${proxyUrl}`]),
    "",
    "Try it in another terminal:",
    `  export CODER_URL=${url} CODER_SESSION_TOKEN=${token}`,
    `  coder-scaletest create-workspaces --count 20 --template kubernetes --concurrency 0 --run-command "echo hello"`,
  ].join("\n");
}

function standardInputIsPipe(): boolean {
  try {
    const info = fstatSync(0);
    return info.isFIFO() || info.isSocket();
  } catch {
    return false;
  }
}

export function sandboxOptions(flags: SandboxFlags): SandboxOptions {
  const range = flags.buildTime === undefined ? undefined : durations(flags.buildTime);
  return {
    ...number("port", flags.port, 0, 65_535),
    ...number("workspaces", flags.workspaces, 0, 100_000),
    ...number("daemons", flags.daemons, 1, 10_000),
    ...number("seed", flags.seed, 0, 2 ** 31),
    ...number("rateLimit", flags.rateLimit, 1, 1_000_000),
    ...number("prometheusPort", flags.prometheusPort, 0, 65_535),
    ...number("workspaceProxyPort", flags.workspaceProxyPort, 0, 65_535),
    ...(flags.state === undefined ? {} : { state: flags.state }),
    ...(flags.wildcardHost === undefined ? {} : { wildcardHost: flags.wildcardHost }),
    ...(flags.fresh ? { fresh: true } : {}),
    ...(flags.disableOwnerWorkspaceAccess ? { ownerExecDisabled: true } : {}),
    ...(range ? { buildTimeMs: range } : {}),
    ...maxTokenLifetime(flags.maxTokenLifetime),
    ...(flags.model ? { model: modelOf(flags.model) } : {}),
  };
}

/** `--fault build-failure-rate=0.1`: any of the settings of POST /sandbox/faults, as words with dashes. */
export function faultsOf(flags: readonly string[]): Partial<FaultSettings> {
  const settings: Record<string, unknown> = {};
  for (const flag of flags) {
    const { name, key, text } = namedValue("fault", flag, NO_FAULTS);
    if (text === undefined) throw new UsageError(foreign(`--fault "${flag}" must be NAME=VALUE`));
    settings[key] = text === "true" ? true : text === "false" ? false : Number(text);
    const shape = faultSettingsSchema.shape[key as keyof FaultSettings];
    const parsed = shape.safeParse(settings[key]);
    if (!parsed.success)
      throw new UsageError(
        foreign(`--fault ${name}: ${parsed.error.issues[0]?.message ?? "not a value for it"}`),
      );
  }
  return settings;
}

/** `--model coderd-cores=2`: replicas, cores and costs of the simulated deployment. */
export function modelOf(flags: readonly string[]): Partial<LoadModelOptions> {
  const options: Record<string, number> = {};
  for (const flag of flags) {
    const { key, text } = namedValue("model", flag, NO_LOAD_MODEL);
    const value = Number(text);
    if (!Number.isFinite(value) || value < (key === "replicas" ? 1 : 0)) {
      throw new UsageError(foreign(`--model "${flag}" must be NAME=NUMBER`));
    }
    options[key] = value;
  }
  return options;
}

/** Takes `some-name=value` apart. Throws UsageError where the name is none of the known keys'. */
function namedValue(
  option: string,
  flag: string,
  known: object,
): { name: string; key: string; text: string | undefined } {
  const [name = "", text] = flag.split("=");
  const key = name.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  if (!(key in known)) {
    throw new UsageError(orNearest(foreign(`--${option} "${name}" is unknown`), name, dashed(known)));
  }
  return { name, key, text };
}

function dashed(keys: object): string[] {
  return Object.keys(keys).map(dashedName);
}

function dashedName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function modelNames(): string[] {
  return dashed(NO_LOAD_MODEL);
}

export function faultNames(): string[] {
  return dashed(NO_FAULTS);
}

function number(key: string, text: string | undefined, min: number, max: number): Record<string, number> {
  if (text === undefined) return {};
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    const flag = dashedName(key);
    throw new UsageError(foreign(`--${flag} must be a whole number from ${min} to ${max}, not "${text}"`));
  }
  return { [key]: value };
}

function maxTokenLifetime(text: string | undefined): { maxTokenLifetimeMs?: number } {
  if (text === undefined) return {};
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw new UsageError(foreign(`--max-token-lifetime must be a duration such as 30m, not "${text}"`));
  return { maxTokenLifetimeMs: ms };
}

/** `2s`, or a range as `1s-3s`. */
function durations(text: string): [number, number] {
  const [from, to = from] = text.split("-").map((part) => parseDuration(part));
  if (from === undefined || to === undefined || to < from) {
    throw new UsageError(
      foreign(`--build-time must be a duration such as 2s, or a range such as 1s-3s, not "${text}"`),
    );
  }
  return [from, to];
}
