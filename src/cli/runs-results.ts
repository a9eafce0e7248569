import path from "node:path";
import type { Compared } from "../app/compare/compare.ts";
import { readKnown } from "../app/compare/known.ts";
import { comparisonJson, comparisonText } from "../app/compare/table.ts";
import { endedRecord } from "../app/runs/ended.ts";
import { findNamed } from "../app/runs/find.ts";
import { type RunReport, readReport } from "../app/runs/result.ts";
import { isUnderWay } from "../app/runs/state.ts";
import { ENGLISH } from "../app/wording.ts";
import { MOST_COMPARED } from "../protocol/compare-page.ts";
import { isNewer, NewerRun } from "../runs/newer.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Output, parseOutputs } from "./outputs.ts";
import { writeOutputs } from "./write-outputs.ts";

/** What has come of runs that are over, from their folders: no runner and no deployment is asked. */

/** What the run's command has said at its end, on standard output. */
export async function runsShow(runs: string, id: string, json: boolean): Promise<void> {
  const { report } = await find(runs, id);
  writeOutputs([{ format: json ? "json" : "text", path: undefined }], report);
}

/** The run in other formats. Resolves with the exit code. */
export async function runsExport(runs: string, id: string, specs: readonly string[]): Promise<number> {
  if (specs.length === 0)
    throw new CliError("name what is to be written, such as --output csv:workspaces.csv", EXIT.usage);
  const outputs = parseOutputs(specs);
  return exitCodeOf(writeOutputs(outputs, (await find(runs, id)).report));
}

/** The report, by default as a file in this folder, whose name goes to standard output. Resolves with the exit code. */
export async function runsReport(runs: string, id: string, specs: readonly string[]): Promise<number> {
  const asked = parseOutputs(specs.length > 0 ? specs : ["html"]);
  const other = asked.find(({ format }) => format !== "html");
  if (other) throw new CliError(`a report is html; for ${other.format} there is: runs export`, EXIT.usage);
  const { id: run, report } = await find(runs, id);
  const outputs: Output[] =
    specs.length > 0 ? asked : parseOutputs([`html:${path.resolve(`scaletest-${run}.html`)}`]);
  const isWritten = writeOutputs(outputs, report);
  if (isWritten) for (const { path: file } of outputs) if (file) process.stdout.write(`${file}\n`);
  return exitCodeOf(isWritten);
}

/** To write is all that was asked for. */
function exitCodeOf(isWritten: boolean): number {
  return isWritten ? EXIT.passed : EXIT.someFailed;
}

/** Two runs or more, measure by measure; the earliest is what the others are held against. */
export async function runsCompare(runs: string, ids: readonly string[], json: boolean): Promise<void> {
  const found = await Promise.all(ids.map((id) => find(runs, id)));
  const all = [...new Map(found.map((one) => [one.id, one])).values()];
  if (all.length < 2) throw new CliError("name two runs or more to compare", EXIT.usage);
  if (all.length > MOST_COMPARED)
    throw new CliError(`at most ${MOST_COMPARED} runs can be compared`, EXIT.usage);
  all.sort((a, b) => a.createdAt - b.createdAt);
  const compared = await Promise.all(all.map(comparedOf));
  process.stdout.write(
    json
      ? `${JSON.stringify(comparisonJson(compared, ENGLISH), null, 2)}\n`
      : comparisonText(compared, ENGLISH),
  );
}

interface Found {
  id: string;
  folder: string;
  createdAt: number;
  report: RunReport;
}

async function find(runs: string, name: string): Promise<Found> {
  const found = await findNamed(runs, name);
  if (!found) throw new CliError(`no run ${name}; coder-scaletest runs lists them`, EXIT.usage);
  const { file, folder } = found.entry;
  const { id, createdAt } = file;
  if (isNewer(file)) throw new CliError(`${id}: ${new NewerRun(file).message}`, EXIT.refused);
  if (isUnderWay(found.state))
    throw new CliError(
      `run ${id} is ${found.state}; watch it with: coder-scaletest runs watch ${id}`,
      EXIT.usage,
    );
  const report = await readReport(folder);
  if (!report)
    throw new CliError(`run ${id} did not come to its end, and has measured nothing`, EXIT.refused);
  return { id, folder, createdAt, report };
}

async function comparedOf({ id, folder, report: { record } }: Found): Promise<Compared> {
  if (!record) throw new CliError(`run ${id} has a result, but no record to compare`, EXIT.refused);
  return { final: endedRecord(record), known: await readKnown(folder, record.snapshot) };
}
