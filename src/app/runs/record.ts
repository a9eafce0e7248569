import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { shownFigure } from "../../measure/figures.ts";
import { type PackedSecond, unpacked } from "../../measure/packed.ts";
import type { Second } from "../../measure/seconds.ts";
import { Sum } from "../../measure/totals.ts";
import { type Description, descriptionSchema } from "../../protocol/description.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import { FINAL_FILE, type Final, finalSchema } from "../../runs/final.ts";
import { ndjsonLines, parseNdjson } from "../../runs/ndjson.ts";
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

/** Seconds that are read of a run without a record: as many as a chart can show, however long it went on. */
const MOST_READ = 1_200;

/** Of a run that did not come to its end, what its folder has of its seconds; undefined where there is nothing. */
export async function readSeries(folder: string): Promise<Series | undefined> {
  const file = path.join(folder, SECONDS_FILE);
  const size = (await stat(file).catch(() => undefined))?.size;
  if (size === undefined) {
    const older = await linesOf(folder, SAMPLES_FILE);
    return older.length > 0 ? (await import("./version-1.ts")).upgradedSamples(older) : undefined;
  }
  let description: Description | undefined;
  const samples: Sample[] = [];
  let [count, bytes] = [0, 0];
  for await (const text of ndjsonLines(file)) {
    if (!description) {
      description = descriptionSchema.safeParse(
        (parsed(text) as { description?: unknown })?.description,
      ).data;
      if (!description) return undefined;
      continue;
    }
    count++;
    bytes += text.length + 1;
    // Lines are about as long as each other: of a long run, one in so many is read.
    const step = Math.max(1, Math.ceil(size / (bytes / count) / MOST_READ));
    const sample = count % step === 0 ? sampleOf(parsed(text), description) : undefined;
    if (sample) samples.push(sample);
  }
  return description && { description, samples };
}

/** undefined where a line was not written to its end. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function linesOf(folder: string, file: string): Promise<unknown[]> {
  const text = await readFile(path.join(folder, file), "utf8").catch(() => "");
  return parseNdjson(text);
}

/** A line of seconds.ndjson; undefined where it is none. */
function sampleOf(line: unknown, { series, metrics }: Description): Sample | undefined {
  const { second, steps } = secondOf(line) ?? {};
  if (second === undefined || !steps) return undefined;
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

function secondOf(line: unknown): Second | undefined {
  try {
    return unpacked(line as PackedSecond);
  } catch {
    return undefined;
  }
}
