import { bareResult } from "../protocol/bare-result.ts";
import type { Outcome } from "../protocol/snapshot.ts";
import { FolderError } from "../runs/folder-error.ts";
import { foreign, type Message } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Output } from "./outputs.ts";
import { writeOutputs } from "./write-outputs.ts";

/** A verdict whose result has been written where it was asked for. */
export class TellingError extends CliError {}

const NOTHING = { succeeded: 0, failed: 0, orphans: 0, kept: 0 };

/** There was nothing to do, which is a verdict, too. */
export function writePassed(outputs: readonly Output[], summary: string): void {
  writeVerdict(outputs, { ...NOTHING, verdict: "passed", summary: foreign(summary), exitCode: EXIT.passed });
}

/** What comes to a verdict by an error: whoever reads a file of results must not find yesterday's. */
export async function withVerdict<T>(outputs: readonly Output[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome) writeVerdict(outputs, outcome);
    throw error;
  }
}

/** undefined where it is no verdict: a mistake in how the command was called, or one that is written already. */
function outcomeOf(error: unknown): Outcome | undefined {
  if (error instanceof TellingError) return undefined;
  const summary = saidOf(error);
  if (error instanceof FolderError) return refused(summary);
  if (!(error instanceof CliError)) return undefined;
  switch (error.exitCode) {
    case EXIT.refused:
      return refused(summary);
    case EXIT.interrupted:
      return { ...NOTHING, verdict: "interrupted", summary, exitCode: EXIT.interrupted };
    case EXIT.someFailed:
      // The runner has died: what there is left nobody has asked.
      return { ...NOTHING, orphans: null, verdict: "failed", summary, exitCode: EXIT.someFailed };
    default:
      return undefined;
  }
}

function refused(refusal: Message): Outcome {
  return { ...NOTHING, verdict: "refused", summary: refusal, refusal, exitCode: EXIT.refused };
}

/** Where people read it, the line on standard error says it. */
export function writeVerdict(outputs: readonly Output[], outcome: Outcome, runId = ""): void {
  const result = bareResult(runId, outcome);
  writeOutputs(notForReaders(outputs), {
    result,
    json: `${JSON.stringify(result, null, 2)}\n`,
    record: undefined,
  });
}

/** Without text on standard output. */
export function notForReaders(outputs: readonly Output[]): Output[] {
  return outputs.filter(({ format, path }) => path !== undefined || format !== "text");
}
