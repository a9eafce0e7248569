import { Command } from "commander";
import { CoderClient } from "../coder/client.ts";
import { CoderError } from "../coder/errors.ts";
import type { Check } from "../protocol/check.ts";
import type { Target } from "../protocol/target.ts";
import { createWorkspacesSchema } from "../workloads/create-workspaces/config.ts";
import { checkCreateWorkspaces } from "../workloads/create-workspaces/preflight.ts";
import { createWorkspaces } from "../workloads/create-workspaces/workload.ts";
import { type CommonFlags, deployment, quiet, targetFlags } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Output } from "./outputs.ts";
import { parseOutputs } from "./outputs.ts";
import { addOptions, configOf } from "./workload-command.ts";

export function preflightProgram(setExit: (code: number) => void): Command {
  const command = targetFlags(quiet(new Command("preflight"))).description(
    "Check a deployment before a load: takes the flags of create-workspaces, and makes nothing",
  );
  addOptions(command, createWorkspaces.fields);
  return command.action(async (flags: CommonFlags & Record<string, unknown>) => {
    const { config } = configOf(createWorkspaces, flags);
    const outputs = parseOutputs(flags.output ?? []);
    const { target, sandbox } = await deployment(flags);
    try {
      setExit(await preflightCommand(config, target, outputs));
    } finally {
      await sandbox?.close();
    }
  });
}

/** Checks without making anything; resolves with the exit code: 3 where something blocks. */
export async function preflightCommand(
  config: Record<string, unknown>,
  target: Target,
  outputs: readonly Output[],
): Promise<number> {
  const client = new CoderClient(target);
  try {
    const checks = await checkCreateWorkspaces(
      createWorkspacesSchema.parse(config),
      client,
      new AbortController().signal,
    );
    const wantsJson = outputs.some((output) => output.format === "json");
    process.stdout.write(wantsJson ? `${JSON.stringify({ checks }, null, 2)}\n` : textOf(checks));
    return checks.some((check) => check.status === "blocks") ? EXIT.refused : EXIT.passed;
  } catch (error) {
    if (error instanceof CoderError) throw new CliError(error.message, EXIT.refused);
    throw error;
  } finally {
    await client.close();
  }
}

const SIGNS = { ok: "ok     ", warning: "warning", blocks: "blocks " };

function textOf(checks: readonly Check[]): string {
  const width = Math.max(...checks.map((check) => check.label.length));
  const lines = checks.map(
    ({ status, label, figure, mend }) =>
      `${SIGNS[status]}  ${label.padEnd(width)}  ${figure}${mend ? `\n${" ".repeat(width + 11)}→ ${mend}` : ""}`,
  );
  return `${lines.join("\n")}\n`;
}
