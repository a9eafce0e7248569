import { CoderClient } from "../coder/client.ts";
import { CoderError } from "../coder/errors.ts";
import type { Check } from "../protocol/check.ts";
import type { Target } from "../protocol/target.ts";
import { createWorkspacesSchema } from "../workloads/create-workspaces/config.ts";
import { checkCreateWorkspaces } from "../workloads/create-workspaces/preflight.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Output } from "./outputs.ts";

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
