import * as z from "zod";
import { foreign, type Message, ofWords, say, sayAll, sayCount } from "../text/message.ts";
import { messageSchema } from "../text/schema.ts";
import { figureUnitSchema } from "./description.ts";
import { formatFigure } from "./format-figure.ts";

/** How a run stands beside an earlier one; `not_enough`: its samples cannot show what would be of interest. */
export const baselineStateSchema = z.enum(["worse", "better", "same", "not_enough"]);
export type BaselineState = z.infer<typeof baselineStateSchema>;

/** What a run is to be compared with. */
export const baselineRequestSchema = z.object({
  /** As somebody named it: a run, a file, or last-passed. */
  asked: z.string(),
  /** The run's folder, or a result as JSON. */
  path: z.string(),
  /** Folders of further runs of the same test, which say how much runs differ by themselves. */
  others: z.array(z.string()),
});
export type BaselineRequest = z.infer<typeof baselineRequestSchema>;

const figureOf = <T extends z.ZodType>(text: T) =>
  z.object({
    step: z.string(),
    metric: z.string(),
    figure: z.string(),
    /** "Round trip p95" */
    label: text,
    unit: figureUnitSchema,
    /** Milliseconds, a share of 1, bytes, or a number. */
    now: z.number(),
    before: z.number(),
    /** From before to now: of shares their difference, of all else as a share of before (0.25 is +25 %). */
    change: z.number(),
    /** What of the change is sure, with the confidence of the comparison; absent where nothing is. */
    sure: z.number().optional(),
    /** From which change on it is of interest; all of these as `change` is. */
    margin: z.number(),
    /** The smallest change for the worse that would have been seen; absent where there are too few samples for any. */
    visible: z.number().optional(),
    /** How many samples there are in the run that has fewer, and how many it takes at least. */
    samples: z.number(),
    least: z.number(),
    state: baselineStateSchema,
  });
export const baselineFigureSchema = figureOf(messageSchema);
export type BaselineFigure = z.infer<typeof baselineFigureSchema>;

const comparisonOf = <T extends z.ZodType>(text: T) =>
  z.object({
    /** The earlier run; empty where a file does not say it. */
    run: z.string(),
    /** As it was asked for: a run, a file, or last-passed. */
    asked: z.string(),
    state: baselineStateSchema,
    /** Equal runs raise an alarm in no more than 1 − so many of all cases, over all figures together. */
    confidence: z.number(),
    /** Earlier runs of the same test that say how runs differ by themselves; 1 is the baseline alone. */
    earlier: z.number(),
    figures: z.array(figureOf(text)),
  });
export const baselineSchema = comparisonOf(messageSchema);
/** As scripts read it, in English. */
export const englishBaselineSchema = comparisonOf(z.string());
export type Baseline = z.infer<typeof baselineSchema>;
export type EnglishBaseline = z.infer<typeof englishBaselineSchema>;

/** What a result has in English, to be said. */
export function said({ figures, ...rest }: EnglishBaseline): Baseline {
  return { ...rest, figures: figures.map((one) => ({ ...one, label: foreign(one.label) })) };
}

/** A change that is larger needs no statistics: ten times as long. */
const MOST_VISIBLE = 9;

/** One sentence names so many figures. */
const MOST_TOLD = 3;

/**
 * "worse than run k3x9q2ab: Round trip p95 131ms, was 105ms (+25 %, 99 % sure of +12 % or more)". In a comparison of one
 * step, no step is named.
 */
export function sayBaseline(baseline: Baseline): Message {
  const { state, figures } = baseline;
  const name = nameOf(baseline);
  const shown = figures.filter((one) => one.state === state);
  const told = sayAll(
    shown.slice(0, MOST_TOLD).map((one) => sayChange(one, baseline)),
    "; ",
  );
  const more = shown.length - MOST_TOLD;
  switch (state) {
    case "worse":
      return more > 0
        ? say("worse than {0}: {1}, and {2} more", name, told, more)
        : say("worse than {0}: {1}", name, told);
    case "better":
      return more > 0
        ? say("better than {0}: {1}, and {2} more", name, told, more)
        : say("better than {0}: {1}", name, told);
    case "same":
      return sayAll([say("no worse than {0}", name), sayEnough(figures)], ": ");
    case "not_enough":
      return say("not enough data: nothing of this run can show whether it is worse than {0}", name);
  }
}

function sayEnough(figures: readonly BaselineFigure[]): Message {
  const few = figures.filter(({ state }) => state === "not_enough").length;
  const within = say("{0} of {1} figures within their margins", figures.length - few, figures.length);
  return few > 0 ? say("{0}, not enough data for {1}", within, few) : within;
}

/** How the noise between runs is known. */
export function sayNoise({ earlier }: Pick<Baseline, "earlier">): Message {
  return earlier > 1
    ? sayCount(earlier, {
        one: "noise between runs: of {0} earlier run",
        other: "noise between runs: of {0} earlier runs",
      })
    : say("noise between runs: assumed, for there is only one earlier run");
}

function nameOf({ run, asked }: Pick<Baseline, "run" | "asked">): Message {
  return run ? say("run {0}", run) : say("{0}", asked);
}

/** "Round trip p95 131ms, was 105ms (+25 %, 99 % sure of +12 % or more)" */
export function sayChange(
  figure: BaselineFigure,
  { confidence, figures }: Pick<Baseline, "confidence" | "figures">,
): Message {
  const { unit, now, before, change, sure } = figure;
  const values = say(
    "{0} {1}, was {2}",
    labelOf(figure, figures),
    formatFigure(rounded(now), unit),
    formatFigure(rounded(before), unit),
  );
  const changed = changeText(change, unit);
  return sure === undefined
    ? say("{0} ({1})", values, changed)
    : say(
        "{0} ({1}, {2} % sure of {3} or more)",
        values,
        changed,
        Math.round(confidence * 100),
        changeText(sure, unit),
      );
}

/** "not enough data: Round trip p95 from 12 samples shows +45 % and more, wanted is +20 %" */
export function sayFigureState(
  figure: BaselineFigure,
  baseline: Pick<Baseline, "confidence" | "figures">,
): Message {
  const { visible, samples, least, unit } = figure;
  if (figure.state !== "not_enough") return sayChange(figure, baseline);
  const label = labelOf(figure, baseline.figures);
  if (samples < least) return say("{0}: not enough data: {1} samples, {2} are needed", label, samples, least);
  if (visible === undefined) return say("{0}: not enough data: its samples are of too short a time", label);
  if (Math.abs(visible) > MOST_VISIBLE)
    return say("{0}: not enough data: it is too unsteady to compare", label);
  return say("{0}: not enough data: only {1} and more would show", label, changeText(visible, unit));
}

/** Names the step where there are several. */
export function labelOf({ label, step }: BaselineFigure, figures: readonly BaselineFigure[]): Message {
  return figures.some((one) => one.step !== step) ? say("{0} ({1})", label, step) : label;
}

/** "+25 %"; of shares "+0.52 points". */
export function changeText(change: number, unit: BaselineFigure["unit"]): Message {
  const percent = change * 100;
  const size = Math.abs(percent);
  const digits = unit === "share" ? 2 : size < 10 ? 1 : 0;
  const number = `${percent < 0 ? "−" : "+"}${Number(size.toFixed(digits))}`;
  return unit === "share" ? say("{0} points", number) : say("{0} %", number);
}

/** Three digits are enough to compare by. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** Of a metric's figure, for people. */
export function figureLabel(
  metric: { text: string; aliases?: Record<string, { text: string }> | undefined },
  figure: string,
): Message {
  const alias = metric.aliases?.[figure];
  return alias ? ofWords(alias.text) : say("{0} {1}", ofWords(metric.text), figure);
}
