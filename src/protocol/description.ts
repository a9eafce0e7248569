import * as z from "zod";

/**
 * What a run says about itself before it says any figure: its metrics, the states and phases of its jobs, and how
 * figures are put before people. Whoever shows a run goes by this and asks nowhere which workload it is. Texts are
 * English; a front end looks them up in its own language. Readers ignore what they do not know.
 */

/** Where a metric has a figure under a short name: `connections.dropped` is the count of `event=dropped`. */
const aliasSchema = z.object({
  figure: z.string(),
  labels: z.record(z.string(), z.string()),
  /** The alias is a share: of the count with these labels. */
  per: z.record(z.string(), z.string()).optional(),
  text: z.string(),
});
export type FigureAlias = z.infer<typeof aliasSchema>;

/** What can be measured. The kinds are those of the field: k6's trend is `duration`, its rate is `share`. */
export const metricSchema = z.object({
  /** Short: `round_trip`. The Prometheus exposition adds a prefix and the unit. */
  name: z.string(),
  kind: z.enum(["duration", "counter", "gauge", "share"]),
  /** Of a value: milliseconds for durations; shares and plain numbers have none. */
  unit: z.enum(["ms", "bytes", "cores", "share", "none"]),
  /** Names of its labels; a value is of one series for each set of label values. */
  labels: z.array(z.string()),
  /** Which way is better, for comparisons and colours. */
  better: z.enum(["lower", "higher", "none"]),
  /** Names it for people. */
  text: z.string(),
  aliases: z.record(z.string(), aliasSchema).optional(),
  /** Counts over the whole step, not only over its measured part: what opens in a ramp, what fails before it. */
  whole: z.boolean().optional(),
  /** The phase that it times, of a job. */
  phase: z.boolean().optional(),
  /** Figures that a comparison of runs shows; by default, those of its kind. */
  compare: z.array(z.string()).optional(),
  /** Its name in the Prometheus exposition, where it is not its own. */
  exposed: z.string().optional(),
  /** A threshold may name it: false for what only draws pictures. */
  judged: z.boolean().optional(),
});
export type Metric = z.infer<typeof metricSchema>;

/** Figures of a metric that a comparison of runs shows. */
export function comparedFigures({ kind, compare }: Pick<Metric, "kind" | "compare">): string[] {
  const usual = { duration: ["p50", "p95"], counter: ["count"], share: ["rate"], gauge: [] };
  return compare ?? usual[kind];
}

/** One number: of which metric, which figure of it, of which series together. */
export const figureRefSchema = z.object({
  metric: z.string(),
  figure: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  /** Of the last whole second; without it, of the measured part so far. */
  over: z.literal("second").optional(),
});
export type FigureRef = z.infer<typeof figureRefSchema>;

const toneSchema = z.enum(["bad", "warning"]);

/** A text with figures in it: "{0} of {1}". */
export const lineSchema = z.object({
  text: z.string(),
  args: z.array(figureRefSchema),
  /** Where one of the figures is not 0. */
  tone: toneSchema.optional(),
  /** Shown only where one of the figures is not 0; without it, wherever all of them are known. */
  some: z.boolean().optional(),
});
export type Line = z.infer<typeof lineSchema>;

const cardPartSchema = z.object({
  label: z.string(),
  value: figureRefSchema,
  /** Beside the value, smaller: "of {0}". */
  aside: lineSchema.optional(),
  /** Below it. */
  lines: z.array(lineSchema),
  /** Where no line is shown: "none dropped". */
  none: z.string().optional(),
});

/** One of the large numbers on top. */
export const cardSchema = cardPartSchema.extend({
  id: z.string(),
  /** More than 0 of it is bad. */
  bad: z.boolean().optional(),
  /** What it is while the jobs go on, where that differs. */
  live: cardPartSchema.partial().optional(),
});
export type Card = z.infer<typeof cardSchema>;

/** Large numbers that every run can have, whatever it does. */
export const ownCardSchema = z.enum(["part", "ready", "progress", "pace", "api", "existing", "generator"]);
export type OwnCard = z.infer<typeof ownCardSchema>;

export const colourSchema = z.enum([
  "blue",
  "green",
  "grey",
  "orange",
  "purple",
  "red",
  "yellow",
  "pale",
  "dim",
]);
export type Colour = z.infer<typeof colourSchema>;

export const chartLineSchema = z.object({
  label: z.string(),
  figure: figureRefSchema,
  colour: colourSchema,
  /** On the axis at the right. */
  right: z.boolean().optional(),
  dashed: z.boolean().optional(),
  /** What the legend says of a stretch of time; by default the mean, and of percentiles those of the stretch. */
  summary: z.enum(["mean", "max", "last"]).optional(),
  /** Drawn as so many in this many seconds, over the last of these seconds: 60 is "a minute". */
  per: z.object({ seconds: z.number(), over: z.number() }).optional(),
  /** It is looked at once in so many seconds: a value is drawn until the next look. */
  every: z.number().optional(),
});

export const chartSchema = z.object({
  id: z.string(),
  title: z.string(),
  note: z.string(),
  /** Lines are parts of a whole, drawn on each other. */
  stacked: z.boolean().optional(),
  lines: z.array(chartLineSchema),
  /** Each value also in another unit: a message is so many bytes. */
  also: z.object({ factor: z.number(), unit: z.enum(["bytes_per_second"]) }).optional(),
  /** A line across: the most that is allowed. */
  limit: z.object({ label: z.string(), value: z.number() }).optional(),
});
export type Chart = z.infer<typeof chartSchema>;

/** Figures in rows, with a column for each value of a label that has been seen. */
const figureTableSchema = z.object({
  kind: z.literal("figures"),
  id: z.string(),
  title: z.string(),
  note: z.string().optional(),
  by: z.string(),
  columns: z.array(z.object({ value: z.string(), label: z.string() })),
  /** Of all columns together, where there are several. */
  all: z.string(),
  rows: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      /** Several are written side by side. */
      figures: z.array(figureRefSchema),
      /** More than 0 of it is bad. */
      bad: z.boolean().optional(),
    }),
  ),
});

/** A row for each series that has been seen. */
const seriesTableSchema = z.object({
  kind: z.literal("series"),
  id: z.string(),
  title: z.string(),
  note: z.string().optional(),
  /** Labels whose values make a row, in the order of its first cells. */
  by: z.array(z.object({ label: z.string(), title: z.string() })),
  /** Of the row's series; the first one's value sorts, the largest first. */
  columns: z.array(z.object({ title: z.string(), figure: figureRefSchema })),
  most: z.number(),
  /** Said where there is no row. */
  none: z.string(),
  /** Of the deployment itself, and not of the load. */
  of: z.literal("server").optional(),
  /** Sorted by its first label instead. */
  byName: z.boolean().optional(),
});
export const tableSchema = z.discriminatedUnion("kind", [figureTableSchema, seriesTableSchema]);
export type Table = z.infer<typeof tableSchema>;
export type FigureTable = z.infer<typeof figureTableSchema>;
export type SeriesTable = z.infer<typeof seriesTableSchema>;

/** Where a job can be. */
export const jobStateSchema = z.object({
  id: z.string(),
  label: z.string(),
  /** "{0} workspaces building" and the form for one. */
  one: z.string(),
  other: z.string(),
  kind: z.enum(["waiting", "busy", "succeeded", "failed", "stopped"]),
  colour: colourSchema,
  /** One of VS Code's codicons. */
  icon: z.string(),
});
export type JobState = z.infer<typeof jobStateSchema>;

/** For places with little room: tree, status bar, the line of progress. */
export const briefSchema = z.object({
  /** How far it is; without it, jobs that are ready, of all. */
  progress: z
    .object({
      done: figureRefSchema,
      /** Once the load is over, and nothing is under way any more. */
      over: figureRefSchema.optional(),
      total: figureRefSchema,
      one: z.string(),
      other: z.string(),
    })
    .optional(),
  /** The one duration that says most: its p95 is shown. */
  key: z.object({ label: z.string(), figure: figureRefSchema, live: figureRefSchema.optional() }).optional(),
  /** The throughput, in a line. */
  lines: z.array(lineSchema),
  /** What went wrong; each only where it did. */
  faults: z.array(lineSchema),
  /** Names and values, for a tooltip and the tree. */
  facts: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      line: lineSchema,
      live: lineSchema.optional(),
      icon: z.string(),
    }),
  ),
});

const formsSchema = z.object({ one: z.string(), other: z.string() });

/** Of a load on a schedule: what is asked for, what comes back, and at which level; each of one second. */
export const loadSchema = z.object({
  offered: figureRefSchema,
  achieved: figureRefSchema,
  /** "{0} message a second" */
  rate: formsSchema,
  level: figureRefSchema,
  /** "{0} connection" */
  levels: formsSchema,
  /** How busy this tool itself is, as a share of 1; of several places, the busiest counts. */
  busy: figureRefSchema,
  /** Of what is asked for, what has no open connection to go by; absent in older versions. */
  missing: figureRefSchema.optional(),
});
export type LoadFigures = z.infer<typeof loadSchema>;

export const descriptionSchema = z.object({
  metrics: z.array(metricSchema),
  /** In the order in which they are stacked and listed. */
  states: z.array(jobStateSchema),
  /** In the order in which a job goes through them; each is a metric of that name. */
  phases: z.array(z.object({ name: z.string(), label: z.string() })),
  cards: z.array(z.union([ownCardSchema, cardSchema])),
  charts: z.array(chartSchema),
  tables: z.array(tableSchema),
  brief: briefSchema,
  /** Columns of the table of jobs besides those that every run has; numbers of the row's `values`. */
  columns: z.array(z.object({ id: z.string(), label: z.string(), unit: z.enum(["bytes", "count", "ms"]) })),
  /** Phases go on for as long as the job does: they are drawn over the run's time. */
  waterfall: z.boolean(),
  /** Seconds that are marked in every chart: those in which one of these is more than 0; absent in older versions. */
  flags: z.array(z.object({ figure: figureRefSchema, text: z.string() })).optional(),
  /** Where more can be offered than is achieved; absent in older versions. */
  load: loadSchema.optional(),
  /** Figures of each second, in the order in which a sample has them. */
  series: z.array(figureRefSchema),
});
export type Description = z.infer<typeof descriptionSchema>;

/** What a figure is measured in; decides how it is written. */
export const figureUnitSchema = z.enum([
  "duration",
  "share",
  "count",
  "per_second",
  "bytes",
  "bytes_per_second",
  "cores",
]);
export type FigureUnit = z.infer<typeof figureUnitSchema>;

/** A figure that was measured. */
export const shownFigureSchema = z.object({
  /** Milliseconds, a share of 1, bytes, or a number. */
  value: z.number(),
  unit: figureUnitSchema,
  /** The true value is at least this, for so many have not ended. */
  atLeast: z.object({ unfinished: z.number(), of: z.number() }).optional(),
});
export type ShownFigure = z.infer<typeof shownFigureSchema>;

/** By `figureKey`; what was not measured is absent. */
export const figuresSchema = z.record(z.string(), shownFigureSchema);
export type Figures = z.infer<typeof figuresSchema>;
