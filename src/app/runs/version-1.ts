import * as z from "zod";
import { describeRun, state } from "../../contract/describe.ts";
import type { Description, Figures } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import { FIGURES, type Percentiles, percentilesSchema } from "../../protocol/percentile.ts";
import {
  type Sample,
  type Snapshot,
  type Step,
  snapshotSchema,
  stepSchema,
  type WorkspaceRow,
  workspaceRowSchema,
} from "../../protocol/snapshot.ts";
import { KEPT_SAMPLES, thinSamples } from "../../protocol/thin.ts";
import type { Final } from "../../runs/final.ts";
import { type OlderLoad, olderLoads } from "../../workloads/version-1.ts";

/**
 * Records of version 1, put as later versions put them, so that lists, panel, comparison and report read one kind. That
 * version wrote what its two workloads measured under names of their own, and no description.
 */
const snapshotSchema1 = snapshotSchema
  .omit({ steps: true })
  .extend(
    stepSchema.pick({
      counts: true,
      phases: true,
      readyCount: true,
      ready: true,
      causes: true,
      causesOmitted: true,
    }).shape,
  )
  .loose();
type Snapshot1 = z.output<typeof snapshotSchema1>;

const rowSchema1 = workspaceRowSchema.omit({ step: true }).extend({
  bytesRead: z.number().optional(),
  bytesWritten: z.number().optional(),
});

export const finalSchema1 = z.object({
  version: z.literal(1),
  snapshot: snapshotSchema1,
  rows: z.array(rowSchema1),
});

const sampleSchema1 = z.looseObject({
  t: z.number(),
  counts: z.record(z.string(), z.number()),
  ready: z.number().optional(),
  paused: z.literal(true).optional(),
  apiCalls: z.number(),
  rateLimitWaitMs: z.number(),
  latenessP99Ms: z.number(),
  cpu: z.number(),
});
type Sample1 = z.output<typeof sampleSchema1>;

/** States that version 1 had, whatever the run was. */
const STATES = [
  state("creating", "creating", "busy", "purple", "add"),
  state("queued", "queued", "busy", "yellow", "clock"),
  state("building", "building", "busy", "blue", "tools"),
  state("starting", "starting", "busy", "orange", "rocket"),
  state("active", "in use", "busy", "green", "terminal"),
];

/** `lines`: of samples.ndjson, as they were parsed. Throws where the record cannot be read. */
export function upgradedFinal(record: unknown, lines: readonly unknown[]): Final {
  const { snapshot, rows } = finalSchema1.parse(record);
  const load = olderLoads(snapshot);
  const description = load?.description ?? describedBy(snapshot);
  const step = snapshot.run.workload;
  const samples = samplesOf(lines, description, load, step);
  return {
    version: 2,
    snapshot: upgradedSnapshot(snapshot, description, load),
    rows: rows.map((row) => upgradedRow(row, step)),
    samples: [...thinSamples(samples, description, KEPT_SAMPLES)],
  };
}

/** Of the seconds alone: all that there is of a run that did not come to its end. */
export function upgradedSamples(lines: readonly unknown[]): {
  descriptions: ReadonlyMap<string, Description>;
  samples: Sample[];
} {
  const description = describeRun({ states: STATES, phases: [], becomesReady: true });
  const step = "run";
  const samples = samplesOf(lines, description, undefined, step);
  return { descriptions: new Map([[step, description]]), samples };
}

function describedBy({ phases, ready }: Snapshot1): Description {
  const own = phases.filter(({ name }) => !name.startsWith("prebuilt_"));
  return describeRun({
    states: STATES,
    phases: own.map(({ name, label }) => ({ name, label })),
    becomesReady: ready !== undefined,
    prebuilds: own.length < phases.length,
  });
}

function upgradedSnapshot(
  snapshot: Snapshot1,
  description: Description,
  load: OlderLoad | undefined,
): Snapshot {
  const figures: Figures = { ...load?.figures };
  for (const { name, label: _label, ...percentiles } of snapshot.phases) put(figures, name, percentiles);
  if (snapshot.ready) put(figures, "ready", snapshot.ready);
  const invalid = load?.invalid;
  const { counts, phases, readyCount, ready, causes, causesOmitted } = snapshot;
  const { workload } = snapshot.run;
  const step: Step = {
    name: workload,
    workload,
    state: "done",
    ...{ counts, phases, readyCount, ready, causes, causesOmitted, description, figures },
    ...(load ? { part: load.part } : {}),
    validity: {
      measured: 0,
      valid: 0,
      ...(invalid === undefined ? {} : { first: { second: 0, reason: invalid } }),
      tooFew: invalid !== undefined,
    },
  };
  return snapshotSchema.parse({ ...snapshot, steps: [step] });
}

function put(figures: Figures, metric: string, percentiles: Percentiles): void {
  const { count, unfinished = 0, mean, atLeast = [] } = percentilesSchema.parse(percentiles);
  const all = count + unfinished;
  if (all === 0) return;
  const set = (figure: string, value: number, isOpen = false) => {
    const unit = figure === "count" || figure === "unfinished" ? ("count" as const) : ("duration" as const);
    figures[figureKey({ metric, figure })] = {
      value,
      unit,
      ...(isOpen ? { atLeast: { unfinished, of: all } } : {}),
    };
  };
  for (const figure of FIGURES) set(figure, percentiles[figure], atLeast.includes(figure));
  if (mean !== undefined) set("mean", mean);
  set("count", all);
  set("unfinished", unfinished);
}

function upgradedRow(
  { bytesRead, bytesWritten, ...row }: z.output<typeof rowSchema1>,
  step: string,
): WorkspaceRow {
  if (bytesRead === undefined && bytesWritten === undefined) return { ...row, step };
  return { ...row, step, values: { bytes_read: bytesRead ?? 0, bytes_written: bytesWritten ?? 0 } };
}

/** One for each second of the run: of two in the same, the later. */
function samplesOf(
  lines: readonly unknown[],
  description: Description,
  load: OlderLoad | undefined,
  step: string,
): Sample[] {
  const keys = description.series.map((ref) => figureKey(ref));
  const found = new Map<number, Sample>();
  let before: Sample1 | undefined;
  const read = lines.flatMap((line) => sampleSchema1.safeParse(line).data ?? []);
  const steady = load?.steady(read.map((sample) => sample.traffic));
  for (const [at, sample] of read.entries()) {
    const values = { ...valuesOf(sample, before), ...load?.second(sample.traffic) };
    // A sample of version 1 has the time of its second's end.
    const second = Math.max(0, Math.round(sample.t / 1_000) - 1);
    found.set(second, {
      step,
      second,
      ...(sample.paused ? { paused: true } : {}),
      ...(steady?.[at] === false ? { outside: true } : {}),
      values: keys.map((key) => values[key] ?? null),
    });
    before = sample;
  }
  return [...found.values()];
}

function valuesOf(sample: Sample1, before: Sample1 | undefined): Record<string, number> {
  const key = (metric: string, figure: string, labels?: Record<string, string>) =>
    figureKey({ metric, figure, ...(labels ? { labels } : {}) });
  const ready = (of: Sample1 | undefined) =>
    of ? (of.ready ?? (of.counts.active ?? 0) + (of.counts.succeeded ?? 0)) : 0;
  return {
    ...Object.fromEntries(
      Object.entries(sample.counts)
        .filter(([name]) => name !== "total")
        .map(([name, count]) => [key("jobs", "last", { state: name }), count]),
    ),
    [key("ready", "count")]: Math.max(0, ready(sample) - ready(before)),
    [key("api_calls", "count")]: Math.max(0, sample.apiCalls - (before?.apiCalls ?? 0)),
    [key("rate_limit_wait", "count")]: Math.max(0, sample.rateLimitWaitMs - (before?.rateLimitWaitMs ?? 0)),
    [key("loop_lateness", "p99")]: sample.latenessP99Ms,
    [key("generator_cpu", "mean")]: sample.cpu,
  };
}
