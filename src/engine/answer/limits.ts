import { generator } from "../../insight/causes/rules/generator.ts";
import type { Answer, Span } from "../../protocol/answer.ts";
import { type Bottleneck, type Evidence, metricIn } from "../../protocol/bottlenecks.ts";
import { formatClock } from "../../protocol/duration.ts";
import { type Message, say, sayAll, sayCount } from "../../text/message.ts";
import { type Facts, isLive } from "./facts.ts";
import type { LoadStanding, Missing, Parting } from "./load-watch.ts";

/** From this share of the load's seconds on, this tool's lateness is part of the answer. */
const OFTEN_LATE = 0.05;
/** From this share on, of the seconds in which less came back than was offered, nobody can say whose fault those are. */
const LATE_LAGGING = 0.2;
const SHOWN_SPANS = 3;

export type Limits = Pick<Answer, "limited_by" | "since"> & { said: Message };

/** What limits it, and since when: the rule of docs/measuring.md, What limits it. */
export function limitsOf(facts: Facts): Limits {
  const { load } = facts;
  const isLate = isToolLate(facts);
  if (load.parting && isLate)
    return {
      limited_by: "undecided",
      since: Math.min(load.parting.since, load.late[0]?.from ?? load.parting.since),
      said: say(
        "undecided whether this tool or the deployment limits it: {0}; but this tool was late, too ({1})",
        sayParting(load.parting),
        sayLate(load),
      ),
    };
  if (isLate)
    return {
      limited_by: "tool",
      since: load.late[0]?.from ?? null,
      said: say("limited by this tool: it was late ({0})", sayLate(load)),
    };
  return byDeployment(facts);
}

/** This tool was on time where it counts. */
function byDeployment(facts: Facts): Limits {
  const { load, bottlenecks } = facts;
  const cause = causeOf(facts);
  if (cause) return named(cause, load.parting);
  if (load.parting)
    return {
      limited_by: "deployment_or_way",
      since: load.parting.since,
      said: say(
        "limited by the deployment or the way to it, not by this tool, {0}: {1}; which of the two is {2}",
        sayStretch(load.parting),
        sayParting(load.parting),
        sayUnknown(facts),
      ),
    };
  if (load.missing)
    return {
      limited_by: "deployment_or_way",
      since: load.missing.since,
      said: say(
        "limited by the deployment or the way to it, not by this tool, since {0}: {1}",
        clock(load.missing.since),
        sayMissing(load.missing),
      ),
    };
  // The sentence before this one counts the failures.
  const felt = bottlenecks?.felt.find(({ figure }) => metricIn(figure) !== "failures");
  if (!felt && !isBroken(facts) && facts.jobs.failed === 0)
    return { limited_by: "nothing", since: null, said: NOTHING[isLive(facts) ? "now" : "over"] };
  return { limited_by: "unknown", since: null, said: sayUnnamed(facts, felt) };
}

/** What users feel and nothing explains. A job may fail of what has nothing to do with the load. */
function sayUnnamed(facts: Facts, felt: Evidence | undefined): Message {
  const unknown = sayUnknown(facts);
  if (felt) return say("{0}, and why is {1}", felt.text, unknown);
  if (isBroken(facts)) return say("what limits it is {0}", unknown);
  return say("whether the load is the cause is {0}", unknown);
}

const NOTHING = {
  now: say("nothing limits it at this load"),
  over: say("nothing limited it at this load"),
};

function named({ title, since }: Bottleneck, parting: Parting | undefined): Limits {
  const from = since ?? parting?.since ?? null;
  const at = from === null ? title : say("{0}, since {1}", title, clock(from));
  return {
    limited_by: "deployment",
    since: from,
    said: parting ? say("limited by: {0} ({1})", at, sayParting(parting)) : say("limited by: {0}", at),
  };
}

/** The likeliest that the deployment's figures name; this tool's own lateness is judged by its seconds. */
export function causeOf({ bottlenecks }: Pick<Facts, "bottlenecks">): Bottleneck | undefined {
  return bottlenecks?.named.find(({ rule }) => rule !== generator.id);
}

function isBroken({ thresholds }: Facts): boolean {
  return thresholds.some(({ state, observed }) => state === "broken" && observed !== null);
}

export function isToolLate({ load, invalid }: Pick<Facts, "load" | "invalid">): boolean {
  const { lateSeconds, seconds, lagging, parting } = load;
  if (lateSeconds === 0) return false;
  if (invalid) return true;
  // Where achieved has parted while this tool was on time, a few seconds beside that take nothing from it.
  if (!parting && lateSeconds >= OFTEN_LATE * seconds) return true;
  const lagged = lagging.late + lagging.onTime;
  // One or two seconds in which less came back say nothing, even where this tool was late in them.
  return lagged >= OFTEN_LATE * seconds && lagging.late > 0 && lagging.late >= LATE_LAGGING * lagged;
}

/** "achieved stopped following offered at 25 connections (250 messages a second); the generator was 3 % busy" */
export function sayParting({ offered, level, busy, load }: Parting): Message {
  const at = say(
    "achieved stopped following offered at {0} ({1})",
    counted(load.levels, level),
    counted(load.rate, offered),
  );
  return busy === undefined ? at : say("{0}; the generator was {1} busy", at, percent(busy));
}

/** "38 % of the messages had no open connection to go by" */
export function sayMissing({ share }: Missing): Message {
  return say("{0} of the messages had no open connection to go by", percent(share));
}

/** "since 00:10" */
export function sayStretch({ since, until }: Pick<Parting, "since" | "until">): Message {
  return until === null ? say("since {0}", clock(since)) : say("from {0} to {1}", clock(since), clock(until));
}

/** The words are the workload's. */
function counted({ one, other }: { one: string; other: string }, count: number): Message {
  return { id: other, one, args: [count] };
}

export function sayUnknown({ hasServer }: Pick<Facts, "hasServer">): Message {
  return hasServer
    ? say("unknown: none of the deployment's own figures explains it")
    : say("unknown: connect the deployment's metrics (--server-metrics)");
}

/** "3 of 70 s: 00:31–00:33, 00:40" */
export function sayLate({ lateSeconds, seconds, late }: LoadStanding): Message {
  const spans = late.slice(0, SHOWN_SPANS).map(sayChosen);
  const more = late.length - spans.length;
  if (more > 0) spans.push(sayCount(more, { one: "{0} more", other: "{0} more" }));
  return say("{0} of {1} s: {2}", lateSeconds, seconds, sayAll(spans, ", "));
}

function sayChosen({ from, until }: Span): Message {
  return until - from > 1 ? say("{0}–{1}", clock(from), clock(until)) : say("{0}", clock(from));
}

export function clock(second: number): string {
  return formatClock(second * 1_000);
}

export function percent(share: number): string {
  const of = share * 100;
  // The last few of them are what somebody wants to know.
  return `${Math.abs(of) < 10 ? Number(of.toFixed(1)) : Math.round(of)} %`;
}
