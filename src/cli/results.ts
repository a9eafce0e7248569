import { readFile } from "node:fs/promises";
import path from "node:path";
import { readAsked } from "../app/report/asked.ts";
import { readRecord } from "../app/runs/record.ts";
import { lostReport } from "../app/runs/result.ts";
import { runResultSchema } from "../protocol/result.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { RESULT_FILE } from "../runs/run-file.ts";
import { english, foreign } from "../text/message.ts";
import { workloads } from "../workloads/index.ts";
import { CliError, EXIT } from "./exit.ts";
import type { RunEnd } from "./front/messages.ts";
import { notForReaders, TellingError, withVerdict, writeVerdict } from "./verdict.ts";
import { writeOutputs } from "./write-outputs.ts";

/** Writes what came of a run, an error for a result, too. Resolves with the exit code, or rejects as a command does. */
export function writeResults(end: RunEnd): Promise<number> {
  return withVerdict(end.outputs, () => resultsOf(end));
}

/** Writes what came of a run. Resolves with the exit code; rejects with CliError. */
export async function resultsOf(end: RunEnd): Promise<number> {
  const { outputs, runId, last, left } = end;
  if (left) {
    writeVerdict(outputs, left, runId);
    return left.exitCode;
  }
  return last ? report(end, last) : reportLost(end);
}

/** What was measured is not lost with the runner. Rejects with one sentence that says how to go on. */
async function reportLost({ outputs, runId, folder }: RunEnd): Promise<never> {
  const text = `the runner of run ${runId} died; clean up with: coder-scaletest runs clean ${runId} (its record: ${folder})`;
  const record = await readRecord(folder);
  if (!record) throw new CliError(text, EXIT.someFailed);
  const asked = await readAsked(folder, workloads);
  writeOutputs(notForReaders(outputs), { ...lostReport(record, foreign(text)), asked });
  throw new TellingError(text, EXIT.someFailed);
}

async function report({ outputs, folder }: RunEnd, last: Snapshot): Promise<number> {
  const { outcome } = last;
  if (!outcome) return EXIT.someFailed;
  const json = await readFile(path.join(folder, RESULT_FILE), "utf8");
  const isRefused = outcome.refusal !== undefined;
  writeOutputs(isRefused ? notForReaders(outputs) : outputs, {
    result: runResultSchema.parse(JSON.parse(json)),
    json,
    record: (await readRecord(folder)) ?? { version: 2, snapshot: last, rows: [], samples: [] },
    asked: await readAsked(folder, workloads),
  });
  if (outcome.refusal !== undefined) throw new TellingError(english(outcome.refusal), outcome.exitCode);
  return outcome.exitCode;
}
