import type { Curve, Overlay } from "../../protocol/compare-page.ts";
import type { Chart } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import { percentileOf, unitOf } from "../../protocol/figure-unit.ts";
import type { Sample, Step } from "../../protocol/snapshot.ts";
import { ofWords, say } from "../../text/message.ts";
import type { Compared } from "./compare.ts";

/** More points than these a curve cannot show. */
const MOST_SHARES = 200;
const MOST_SECONDS = 600;

type ChartLine = Chart["lines"][number];

/** One step of each run; undefined where a run has none of that name. */
type Steps = readonly (Step | undefined)[];

/** What can be laid over each other, step by step: times count from the step's own begin. */
export function overlaysOf(runs: readonly Compared[]): Overlay[] {
  const all = runs.map(({ final }) => final.whole.steps);
  if (all.every(({ length }) => length === 1))
    return stepOverlays(
      runs,
      all.map(([only]) => only),
    );
  return [...new Set(all.flat().map(({ name }) => name))].flatMap((name) =>
    stepOverlays(
      runs,
      all.map((steps) => steps.find((step) => step.name === name)),
    ).map((overlay) => ({ ...overlay, step: name })),
  );
}

function stepOverlays(runs: readonly Compared[], steps: Steps): Overlay[] {
  return [readyOverlay(runs, steps), ...courseOverlays(runs, steps)].filter(
    ({ curves }) => curves.length > 0,
  );
}

/** Which share of the workspaces was ready after so long. Those that failed count as never. */
function readyOverlay(runs: readonly Compared[], steps: Steps): Overlay {
  return {
    kind: "distribution",
    title: say("Time to ready"),
    note: say("share of the workspaces that were begun; what is missing to 100 % did not become ready"),
    unit: "share",
    curves: steps.flatMap((step, run): Curve[] => {
      const rows = runs[run]?.final.rows.filter((row) => row.step === step?.name) ?? [];
      const ready = rows.flatMap(({ readyMs }) => readyMs ?? []).sort((a, b) => a - b);
      if (ready.length === 0) return [];
      const begun = rows.filter((row) => row.startedAt !== undefined || row.readyMs !== undefined).length;
      const shown = ranks(ready.length);
      return [
        { run, xs: shown.map((rank) => ready[rank] ?? 0), ys: shown.map((rank) => (rank + 1) / begun) },
      ];
    }),
  };
}

/** Places in a sorted list of so many, evenly, the first and the last among them. */
function ranks(count: number): number[] {
  const shown = Math.min(count, MOST_SHARES);
  return Array.from({ length: shown }, (_, at) =>
    shown === 1 ? 0 : Math.round((at * (count - 1)) / (shown - 1)),
  );
}

/** The p95 lines of durations that the runs draw second by second. */
function courseOverlays(runs: readonly Compared[], steps: Steps): Overlay[] {
  const lines = new Map(
    steps.flatMap((step) =>
      step ? tailLines(step).map((one) => [figureKey(one.line.figure), one] as const) : [],
    ),
  );
  return [...lines].map(([key, { chart, line }]) => ({
    kind: "course" as const,
    title: say("{0}, {1}", ofWords(chart.title), ofWords(line.label)),
    note: say("over the time of the step; seconds that do not count are left out"),
    unit: "duration" as const,
    curves: steps.flatMap((step, run) => {
      const curve = step && courseOf(step, key, runs[run]?.final.samples ?? []);
      return curve ? [{ run, ...curve }] : [];
    }),
  }));
}

function tailLines({ description }: Step): { chart: Chart; line: ChartLine }[] {
  return description.charts.flatMap((chart) =>
    chart.lines.flatMap((line) => {
      const metric = description.metrics.find(({ name }) => name === line.figure.metric);
      const isTail = percentileOf(line.figure.figure) === 95;
      return isTail && metric && unitOf(metric, line.figure.figure) === "duration" ? [{ chart, line }] : [];
    }),
  );
}

/** Of several seconds together, the worst. */
function courseOf(step: Step, key: string, samples: readonly Sample[]): Omit<Curve, "run"> | undefined {
  const place = step.description.series.findIndex((ref) => figureKey(ref) === key);
  const own = samples.filter((sample) => sample.step === step.name);
  const [first, last] = [own[0]?.second, own.at(-1)?.second];
  if (place < 0 || first === undefined || last === undefined) return undefined;
  const begin = step.begunAt === undefined ? first : Math.floor(step.begunAt / 1_000);
  const size = Math.max(1, Math.ceil((last - begin + 1) / MOST_SECONDS));
  const worst = new Map<number, number | null>();
  for (const { second, values, invalid, paused } of own) {
    const at = Math.floor(Math.max(0, second - begin) / size);
    const value = invalid === undefined && !paused ? (values[place] ?? null) : null;
    const known = worst.get(at) ?? null;
    worst.set(at, known === null || (value !== null && value > known) ? value : known);
  }
  const ys = [...worst.values()];
  if (ys.every((value) => value === null)) return undefined;
  return { xs: [...worst.keys()].map((at) => at * size), ys };
}
