import type { Answer } from "../../protocol/answer.ts";
import { sayBaseline } from "../../protocol/baseline.ts";
import { kindOfLimit } from "../../protocol/limit.ts";
import { sayLimit } from "../../protocol/limit-words.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";
import { foreign, type Message, say, sayCount } from "../../text/message.ts";
import { type Facts, isLive } from "./facts.ts";
import { percent } from "./limits.ts";

export interface Holds {
  holds: Answer["holds"];
  said: Message;
}

const yes = (said: Message): Holds => ({ holds: "yes", said });
const no = (said: Message): Holds => ({ holds: "no", said });
const unknown = (said: Message): Holds => ({ holds: "unknown", said });

/** Whether it holds, and by what margin, or why that cannot be told. */
export function holdsOf(facts: Facts): Holds {
  return unable(facts) ?? search(facts) ?? broken(facts) ?? failed(facts) ?? held(facts);
}

/** What makes every other answer worthless. */
function unable({ outcome, invalid, state, jobs, thresholds }: Facts): Holds | undefined {
  if (outcome?.refusal) return unknown(say("Cannot tell: {0}", outcome.refusal));
  if (outcome && jobs.total === 0) return unknown(say("Cannot tell: {0}", outcome.summary));
  if (invalid)
    return unknown(
      outcome
        ? say("Cannot tell: this tool was the limit, and too little is left to judge")
        : say("Cannot tell so far: this tool is the limit, and too little is left to judge"),
    );
  if (outcome?.verdict === "interrupted" || state === "stopping") {
    // What was broken by then stays so; what was not measured by then is nobody's fault.
    const worst = tightest(thresholds.filter((one) => one.state === "broken" && one.observed !== null));
    return worst
      ? no(say("Does not hold, and was stopped: {0}", sayMissed(worst)))
      : unknown(say("Cannot tell: the run was stopped before its end"));
  }
  return undefined;
}

/** A search answers with the largest load. */
function search({ limit }: Facts): Holds | undefined {
  if (!limit) return undefined;
  const said = sayLimit(limit);
  const kind = kindOfLimit(limit);
  if (kind === "found" || kind === "not_reached") return yes(say("Holds: {0}", said));
  return kind === "smallest_breaks"
    ? no(say("Does not hold: {0}", said))
    : unknown(say("Cannot tell: {0}", said));
}

function broken({ thresholds, baseline }: Facts): Holds | undefined {
  const all = thresholds.filter(({ state }) => state === "broken");
  const worst = tightest(all) ?? all[0];
  if (worst) {
    const more = all.length - 1;
    const said = say("Does not hold: {0}", sayMissed(worst));
    if (more === 0) return no(said);
    const others = sayCount(more, { one: "{0} more threshold broken", other: "{0} more thresholds broken" });
    return no(say("{0}, and {1}", said, others));
  }
  return baseline?.state === "worse" ? no(say("Does not hold: {0}", sayBaseline(baseline))) : undefined;
}

/** "Round trip p95 is 312ms, required < 200ms (56 % over)" */
function sayMissed({ label, observed, limit, margin }: ThresholdState): Message {
  if (observed === null) return say("{0} was not measured, required {1}", label, limit);
  const missed = say("{0} is {1}, required {2}", label, observed, limit);
  return margin === undefined || margin >= 0 || margin <= -1
    ? missed
    : say("{0} ({1} off)", missed, percent(-margin));
}

function failed(facts: Facts): Holds | undefined {
  const { jobs, allowsFailures, load, thresholds, outcome } = facts;
  // Whoever has set thresholds has said what counts.
  if (load.parting && thresholds.length === 0)
    return no(say("Does not hold: {0} of what was offered came back", percent(load.parting.share)));
  if (jobs.failed > 0 && !allowsFailures)
    return no(say("Does not hold: {0} of {1} failed", jobs.failed, jobs.total));
  // Only what is told elsewhere is left: a mistake of this tool, or a step that did not begin.
  if (outcome?.verdict === "failed" && !outcome.orphans && jobs.succeeded < jobs.total)
    return unknown(say("Cannot tell: {0}", outcome.summary));
  return undefined;
}

function held(facts: Facts): Holds {
  const { thresholds, jobs } = facts;
  if (thresholds.length > 0) return heldTo(facts);
  if (isLive(facts))
    return jobs.total === 0 || facts.load.seconds === 0
      ? unknown(say("Cannot tell yet: nothing has been measured"))
      : yes(say("Holds so far: no failure, and no threshold is set"));
  if (!facts.isTest)
    return yes(sayCount(jobs.succeeded, { one: "{0} succeeded, none failed", other: "All {0} succeeded" }));
  return yes(
    sayCount(jobs.succeeded, {
      one: "Holds: {0} succeeded, none failed, and no threshold is set",
      other: "Holds: all {0} succeeded, and no threshold is set",
    }),
  );
}

/** None is broken. */
function heldTo(facts: Facts): Holds {
  const { thresholds } = facts;
  const met = thresholds.filter(({ state }) => state === "met");
  const closest = tightest(met);
  if (met.length === 0 || !closest)
    return unknown(
      sayCount(thresholds.length, {
        one: "Cannot tell yet: {0} threshold, and no figure of it",
        other: "Cannot tell yet: {0} thresholds, and no figure of any",
      }),
    );
  const room = sayRoom(closest);
  const all = thresholds.length;
  if (met.length < all)
    return yes(say("Holds so far: {0} of {1} thresholds met, {2}", met.length, all, room));
  if (isLive(facts))
    return yes(
      all === 1
        ? say("Holds so far: {0}", room)
        : say("Holds so far: all {0} thresholds met, the closest is {1}", all, room),
    );
  return yes(
    all === 1 ? say("Holds: {0}", room) : say("Holds: all {0} thresholds met, the closest is {1}", all, room),
  );
}

/** "Round trip p95 176ms, 12 % below 200ms" */
function sayRoom({ label, observed, limit, margin }: ThresholdState): Message {
  const figure = observed ?? foreign("–");
  return margin === undefined
    ? say("{0} {1}, required {2}", label, figure, limit)
    : say("{0} {1}, required {2} ({3} to spare)", label, figure, limit, percent(margin));
}

/** The one with the least room. */
export function tightest(all: readonly ThresholdState[]): ThresholdState | undefined {
  const known = all.filter(({ margin }) => margin !== undefined);
  return known.sort((one, other) => (one.margin ?? 0) - (other.margin ?? 0))[0] ?? all[0];
}
