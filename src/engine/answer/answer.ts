import type { Answer } from "../../protocol/answer.ts";
import { type Message, say } from "../../text/message.ts";
import { type Facts, isLive } from "./facts.ts";
import { holdsOf, tightest } from "./holds.ts";
import {
  causeOf,
  clock,
  isToolLate,
  type Limits,
  limitsOf,
  sayLate,
  sayMissing,
  sayParting,
  sayUnknown,
} from "./limits.ts";

const SHOWN_SPANS = 10;

/** Whether a run holds, what limits it and since when, or that it cannot tell and why. The same facts, the same answer. */
export function answerOf(facts: Facts): Answer {
  const { holds, said } = holdsOf(facts);
  const hasBegun = facts.load.seconds > 0 && facts.jobs.total > 0;
  const limits = hasBegun ? limitsOf(facts) : NOT_BEGUN;
  const first = firstOf(facts);
  const closest = tightest(facts.thresholds.filter(({ margin }) => margin !== undefined));
  return {
    holds,
    limited_by: limits.limited_by,
    since: limits.since,
    parts: [said, ...partOf(facts, limits), ...(first ? [first] : [])],
    ...(closest?.margin === undefined
      ? {}
      : { margin: { expression: closest.expression, share: closest.margin } }),
    late: facts.load.late.slice(0, SHOWN_SPANS),
    why: hasBegun ? whyOf(facts, limits) : [],
  };
}

const NOT_BEGUN: Limits = { limited_by: "unknown", since: null, said: say("unknown") };

function partOf({ load, jobs, isTest }: Facts, { limited_by, said }: Limits): Message[] {
  const hasLoad = load.seconds > 0 && jobs.total > 0 && (isTest || limited_by !== "nothing");
  return hasLoad ? [said] : [];
}

/** What failed first, of jobs and of thresholds. */
function firstOf({ firstFailure, thresholds, load }: Facts): Message | undefined {
  const { parting, missing } = load;
  const failedMs = firstFailure?.atMs ?? 0;
  // What a job fails of when it ends may be what went wrong long before.
  if (parting && parting.since * 1_000 < failedMs)
    return say("first to break: achieved, at {0}", clock(parting.since));
  if (missing && missing.since * 1_000 < failedMs)
    return say("first to break: connections, at {0}", clock(missing.since));
  if (firstFailure) {
    const { workspace, what, atMs } = firstFailure;
    return say("first to fail at {0}: {1}, {2}", clock(Math.floor(atMs / 1_000)), workspace, what);
  }
  const [first] = thresholds
    .filter(({ state, observed }) => state === "broken" && observed !== null)
    .sort((one, other) => (one.since ?? Infinity) - (other.since ?? Infinity));
  if (!first) return undefined;
  return first.since === undefined
    ? say("first to break: {0}", first.label)
    : say("first to break: {0}, at {1}", first.label, clock(first.since));
}

/** The rule, branch by branch, with what this run has of it. */
function whyOf(facts: Facts, { limited_by: by }: Limits): Answer["why"] {
  const { load } = facts;
  const parted = sayOffered(load);
  const late = load.lateSeconds > 0 ? sayLate(load) : say("none of {0} s", load.seconds);
  const isAbove = load.parting !== undefined || load.missing !== undefined;
  const isDeployments = by === "deployment_or_way" || (by === "deployment" && isAbove);
  return [
    {
      text: say(
        "Offered above achieved with the generator on time: not this tool, but the deployment or the way to it. Here: {0}.",
        parted,
      ),
      applies: isDeployments,
    },
    {
      text: say("Generator late: this tool, and in which seconds. Here: {0}.", late),
      applies: by === "tool",
    },
    {
      text: say(
        "Both: undecided. Here: {0}.",
        load.parting && isToolLate(facts) ? say("both") : say("not both"),
      ),
      applies: by === "undecided",
    },
    {
      text: say(
        "Else, and to tell the deployment from the way to it: the likeliest cause by the deployment's own figures. Here: {0}.",
        causeSaid(facts),
      ),
      applies: by === "deployment" || by === "unknown" || by === "deployment_or_way",
    },
  ];
}

function sayOffered({ parting, missing, hasLoad }: Facts["load"]): Message {
  if (parting) return sayParting(parting);
  if (missing) return sayMissing(missing);
  return hasLoad ? say("achieved has followed offered") : say("nothing is offered on a schedule in this run");
}

function causeSaid(facts: Facts): Message {
  const cause = causeOf(facts);
  if (cause) return cause.title;
  if ((facts.bottlenecks?.felt.length ?? 0) === 0 && !facts.load.parting && isLive(facts))
    return say("users feel nothing of the load so far");
  return sayUnknown(facts);
}
