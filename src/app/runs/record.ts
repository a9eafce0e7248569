import { readFile } from "node:fs/promises";
import path from "node:path";
import { shownFigure } from "../../measure/figures.ts";
import type { StepSecond } from "../../measure/seconds.ts";
import { Sum } from "../../measure/totals.ts";
import { type Description, descriptionSchema } from "../../protocol/description.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import { KEPT_SAMPLES, thinSamples } from "../../protocol/thin.ts";
import { FINAL_FILE, type Final, finalSchema } from "../../runs/final.ts";
import { parseNdjson } from "../../runs/ndjson.ts";
import { SAMPLES_FILE, SECONDS_FILE } from "../../runs/run-file.ts";

/** How a run looked at its end; undefined where it did not come to one, or where its record cannot be read. */
export async function readRecord(folder: string): Promise<Final | undefined> {
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

/** A run's seconds, as they are drawn. */
export interface Series {
  description: Description;
  samples: Sample[];
}

/** Of a run that did not come to its end, what its folder has of its seconds; undefined where there is nothing. */
export async function readSeries(folder: string): Promise<Series | undefined> {
  const [head, ...seconds] = await linesOf(folder, SECONDS_FILE);
  const older = head === undefined ? await linesOf(folder, SAMPLES_FILE) : [];
  if (older.length > 0) return (await import("./version-1.ts")).upgradedSamples(older);
  const description = descriptionSchema.safeParse((head as { description?: unknown })?.description).data;
  if (!description) return undefined;
  const samples = seconds.flatMap((line) => sampleOf(line, description) ?? []);
  return { description, samples: [...thinSamples(samples, description, KEPT_SAMPLES)] };
}

async function linesOf(folder: string, file: string): Promise<unknown[]> {
  const text = await readFile(path.join(folder, file), "utf8").catch(() => "");
  return parseNdjson(text);
}

interface SecondLine {
  second?: number;
  steps?: Record<string, StepSecond>;
}

/** A line of seconds.ndjson. */
function sampleOf(line: unknown, { series, metrics }: Description): Sample | undefined {
  const { second, steps = {} } = line as SecondLine;
  if (second === undefined) return undefined;
  const sum = new Sum();
  for (const { values } of Object.values(steps)) for (const of of Object.values(values)) sum.add(of);
  sum.addTime(1_000);
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const [step] = Object.values(steps);
  return {
    second,
    ...(step?.paused ? { paused: true as const } : {}),
    ...(step && step.ms > 0 ? {} : { outside: true as const }),
    ...(step?.invalid === undefined ? {} : { invalid: step.invalid }),
    values: series.map((ref) => {
      const metric = byName.get(ref.metric);
      return (metric && step ? shownFigure(metric, ref, sum)?.value : undefined) ?? null;
    }),
  };
}
