import * as z from "zod";
import { english, type Message, say, sayAll } from "../text/message.ts";
import { messageSchema } from "../text/schema.ts";
import { drillOf, englishDrill } from "./drill.ts";
import { serverErrorSchema } from "./server-error.ts";

/**
 * What breaks first: the causes that a run names for what users felt of it, the likeliest first. Nobody who shows them
 * knows a cause by name.
 */

/** A line that speaks for a cause, or against it, with the figure that it is made of. */
const evidenceOf = <T extends z.ZodType>(text: T) =>
  z.object({
    text,
    /** As a threshold would name it: `server_db_wait.mean`. */
    figure: z.string(),
    /** In the figure's own unit: milliseconds, cores, bytes, a share of 1, or a number. */
    value: z.number(),
  });

const bottleneckOf = <T extends z.ZodType>(text: T) =>
  z.object({
    /** Stable across runs, for scripts: `database_pool`. */
    rule: z.string(),
    /** For people: "The pool of database connections is used up". */
    title: text,
    /** From 0 to 1: how much speaks for it. */
    strength: z.number().min(0).max(1),
    /** Whole seconds since the run began; null where nothing shows when it began. */
    since: z.number().nullable(),
    because: z.array(evidenceOf(text)),
    /** What speaks against it. */
    counter: z.array(evidenceOf(text)),
    remedy: text,
    /** A page that says more of the remedy. */
    source: z.url(),
  });

const bottlenecksOf = <T extends z.ZodType>(text: T) =>
  z.object({
    /** The likeliest first; none: no bottleneck was seen. */
    named: z.array(bottleneckOf(text)),
    /** What might be the cause and cannot be told, for want of something. */
    cannot_tell: z.array(z.object({ rule: z.string(), title: text, without: text })),
    /** What users felt; empty: nothing that asks for a cause. */
    felt: z.array(evidenceOf(text)),
    /** What was taken from the deployment meanwhile, with what was promised and seen; absent where nothing was. */
    drills: z.array(drillOf(text)).optional(),
    /** What coderd's own log says of the time of the run, the most frequent first; absent where nobody read it. */
    errors: z.array(serverErrorSchema).optional(),
  });

export const bottlenecksSchema = bottlenecksOf(messageSchema);
/** As scripts read it, in English. */
export const englishBottlenecksSchema = bottlenecksOf(z.string());
export type Bottlenecks = z.infer<typeof bottlenecksSchema>;
export type Bottleneck = Bottlenecks["named"][number];
export type Evidence = Bottlenecks["felt"][number];
export type EnglishBottlenecks = z.infer<typeof englishBottlenecksSchema>;

/** What a search for the largest load says of what breaks first. */
export const limitBottleneckSchema = z.object({
  /** The level of which it was told. */
  level: z.number(),
  /** The likeliest cause; null where none was seen. */
  rule: z.string().nullable(),
  title: z.string().optional(),
  strength: z.number().optional(),
  because: z.array(z.string()),
  cannot_tell: z.array(z.object({ rule: z.string(), without: z.string() })),
});
export type LimitBottleneck = z.infer<typeof limitBottleneckSchema>;

/** On what it depends how a run without a named cause is told. */
export interface NothingNamed {
  /** What users felt. */
  felt: readonly { figure: string; text: Message }[];
  /** Too few seconds count. */
  isInvalid: boolean;
  /** All that the run was held to was met. */
  holds: boolean;
  /** What it was held to, as expressions. */
  thresholds: readonly string[];
}

/**
 * What is told where no cause is named. Where the run holds, what users felt is a remark: nobody has said that it would be
 * too much.
 */
export function sayNothingNamed({ felt, isInvalid, holds, thresholds }: NothingNamed): Message {
  if (isInvalid) return say("cannot tell: too few seconds count");
  if (felt.length === 0) return say("no bottleneck seen: users feel nothing of the load");
  if (!holds) return say("no bottleneck seen for what users feel: {0}", textsOf(felt));
  const limited = new Set(thresholds.map(metricIn));
  const free = felt.filter(({ figure }) => !limited.has(metricIn(figure)));
  return free.length > 0
    ? say("no bottleneck seen; {0}; no threshold limits that", textsOf(free))
    : say("no bottleneck seen: what users feel is within the thresholds");
}

function textsOf(felt: NothingNamed["felt"]): Message {
  return sayAll(
    felt.map(({ text }) => text),
    ", ",
  );
}

/** `queue` of `queue{step=create}.p95 < 5s`. */
export function metricIn(expression: string): string {
  return /^\w+/.exec(expression)?.[0] ?? "";
}

export function englishBottlenecks(bottlenecks: Bottlenecks): EnglishBottlenecks {
  const { named, cannot_tell, felt, drills, errors } = bottlenecks;
  const lines = (all: readonly Evidence[]) => all.map((one) => ({ ...one, text: english(one.text) }));
  return {
    named: named.map((one) => ({
      ...one,
      title: english(one.title),
      because: lines(one.because),
      counter: lines(one.counter),
      remedy: english(one.remedy),
    })),
    cannot_tell: cannot_tell.map((one) => ({
      ...one,
      title: english(one.title),
      without: english(one.without),
    })),
    felt: lines(felt),
    ...(drills ? { drills: drills.map(englishDrill) } : {}),
    ...(errors ? { errors } : {}),
  };
}

/** What a search says of the level that breaks, by the causes of that level alone. */
export function bottleneckOfLimit(level: number, { named, cannot_tell }: Bottlenecks): LimitBottleneck {
  const [first] = named;
  return {
    level,
    rule: first?.rule ?? null,
    ...(first ? { title: english(first.title), strength: first.strength } : {}),
    because: (first?.because ?? []).map(({ text }) => english(text)),
    cannot_tell: cannot_tell.map(({ rule, without }) => ({ rule, without: english(without) })),
  };
}
