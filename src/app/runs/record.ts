import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { shownFigure } from "../../measure/figures.ts";
import type { StepSecond } from "../../measure/seconds.ts";
import { sumOf } from "../../measure/totals.ts";
import { type Description, descriptionSchema } from "../../protocol/description.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import { FINAL_FILE, type Final, finalSchema, LAST_FILE } from "../../runs/final.ts";
import { parseNdjson } from "../../runs/ndjson.ts";
import { DESCRIPTIONS_FILE, SAMPLES_FILE, SECONDS_FILE } from "../../runs/run-file.ts";
import { spreadLines } from "../../runs/spread-lines.ts";
import { killedSnapshot, secondOf } from "./killed.ts";

/**
 * How a run looked at its end; of one whose runner is gone without an end, how it looked last. undefined where there is
 * neither, or where its record cannot be read.
 */
export async function readRecord(folder: string): Promise<Final | undefined> {
  return (await readFinal(folder)) ?? (await readLast(folder));
}

async function readFinal(folder: string): Promise<Final | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(path.join(folder, FINAL_FILE), "utf8"));
    const final = finalSchema.safeParse(record).data;
    if (final) return final;
    const { upgradedFinal } = await import("./version-1.ts");
    return upgradedFinal(record, await linesOf(folder, SAMPLES_FILE));
  } catch {
    return undefined;
  }
}

/** The last look of a run that is not known to have ended, with all of its seconds. */
async function readLast(folder: string): Promise<Final | undefined> {
  try {
    const last = finalSchema.parse(JSON.parse(await readFile(path.join(folder, LAST_FILE), "utf8")));
    const { samples = [], descriptions = new Map() } = (await readSeries(folder)) ?? {};
    return { ...last, snapshot: await killedSnapshot(folder, last.snapshot, descriptions), samples };
  } catch {
    return undefined;
  }
}

/** A run's seconds, as they are drawn, and what each step's are of. */
export interface Series {
  descriptions: ReadonlyMap<string, Description>;
  samples: Sample[];
}

/** Seconds that are read of a run without a record: as many as a chart can show, however long it went on. */
const MOST_READ = 600;

/** Of a run that did not come to its end, what its folder has of its seconds; undefined where there is nothing. */
export async function readSeries(folder: string): Promise<Series | undefined> {
  const file = path.join(folder, SECONDS_FILE);
  const size = (await stat(file).catch(() => undefined))?.size;
  if (size === undefined) {
    const older = await linesOf(folder, SAMPLES_FILE);
    return older.length > 0 ? (await import("./version-1.ts")).upgradedSamples(older) : undefined;
  }
  const descriptions = await descriptionsOf(folder);
  if (descriptions.size === 0) return undefined;
  const samples: Sample[] = [];
  for await (const text of spreadLines(file, MOST_READ)) samples.push(...samplesOf(text, descriptions));
  return { descriptions, samples };
}

const describedSchema = z.object({ step: z.string(), description: descriptionSchema });

/** What each step's seconds are of; of one that was described twice, the later. */
async function descriptionsOf(folder: string): Promise<Map<string, Description>> {
  const found = new Map<string, Description>();
  for (const line of await linesOf(folder, DESCRIPTIONS_FILE)) {
    const described = describedSchema.safeParse(line).data;
    if (described) found.set(described.step, described.description);
  }
  return found;
}

async function linesOf(folder: string, file: string): Promise<unknown[]> {
  const text = await readFile(path.join(folder, file), "utf8").catch(() => "");
  return parseNdjson(text);
}

/** Of a line of seconds.ndjson: each step's, as it is drawn; none where the line is no second. */
function samplesOf(line: string, descriptions: ReadonlyMap<string, Description>): Sample[] {
  const { second, steps } = secondOf(line) ?? {};
  if (second === undefined || !steps) return [];
  return Object.entries(steps).flatMap(([name, step]) => {
    const description = descriptions.get(name);
    return description ? [sampleOf(name, second, step, description)] : [];
  });
}

function sampleOf(name: string, second: number, step: StepSecond, { series, metrics }: Description): Sample {
  const sum = sumOf(step);
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  return {
    step: name,
    second,
    ...(step.paused ? { paused: true as const } : {}),
    ...(step.ms > 0 ? {} : { outside: true as const }),
    ...(step.invalid === undefined ? {} : { invalid: step.invalid }),
    values: series.map((ref) => {
      const metric = byName.get(ref.metric);
      return (metric ? shownFigure(metric, ref, sum)?.value : undefined) ?? null;
    }),
  };
}
