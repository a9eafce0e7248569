import { type Message, say, sayAll, sayCount } from "../text/message.ts";
import type { LimitCurve, LimitEnd, LimitGrid, LimitResult, LimitSide, LimitSkipped } from "./limit.ts";

/** How a search ended, or all of a grid; every level has its confidence. */
export function sayLimit(limit: Pick<LimitResult, "vary" | "end" | "to" | "grid">): Message {
  return limit.grid ? sayGrid(limit.grid, limit) : saySearch(limit);
}

function sayGrid(grid: LimitGrid, { vary, to }: Pick<LimitResult, "vary" | "to">): Message {
  const { rows, not_reached } = grid;
  const rowsSaid = rows.map(({ value, end }) => say("{0}: {1}", value, sayRow(end, to)));
  const head = say("limits of {0} by {1}: {2}", nameOf(vary), nameOf(grid.vary), sayAll(rowsSaid, ", "));
  const skipped = sayAll(
    not_reached.map((value) => say("{0}", value)),
    ", ",
  );
  return sayAll(
    [
      head,
      ...(grid.why ? [say("{0} not searched: {1}", skipped, WHY_SKIPPED[grid.why])] : []),
      ...sayRises(grid),
    ],
    "; ",
  );
}

/** What a grid does not show where more of the second number always carries less. */
export function sayRises({ rises }: Pick<LimitGrid, "rises">): Message[] {
  return rises.map(({ from, to }) => say("not monotone: {0} was seen to carry more than {1}", to, from));
}

/** What one search of a grid came to. */
export function sayRow(end: LimitEnd, to: number): Message {
  switch (end.kind) {
    case "found":
      return say("{0} pass (confidence {1})", end.passing.level, percent(end.confidence));
    case "not_reached":
      return say("the ceiling of {0} passed (confidence {1})", to, percent(end.ceiling.confidence));
    case "smallest_breaks":
      return say("{0} break (confidence {1})", end.failing.level, percent(end.failing.confidence));
    case "invalid":
      return say("the generator was the limit at {0}", end.level);
    case "so_far": {
      const known = end.passing;
      if (!known) return say("not found ({0})", WHY[end.why]);
      return say(
        "not found ({0}): {1} passed (confidence {2})",
        ...[WHY[end.why], known.level, percent(known.confidence)],
      );
    }
  }
}

/** How one search ended, in one sentence. */
export function saySearch({ vary, end, to }: Pick<LimitResult, "vary" | "end" | "to">): Message {
  const of = nameOf(vary);
  switch (end.kind) {
    case "found":
      return say(
        "limit: {0} {1} pass and {2} break, {3} first (confidence {4})",
        ...[end.passing.level, of, end.failing.level, end.first_broken, percent(end.confidence)],
      );
    case "not_reached":
      return say(
        "limit not reached: the ceiling of {0} {1} was passed (confidence {2})",
        ...[to, of, percent(end.ceiling.confidence)],
      );
    case "smallest_breaks":
      return say(
        "even the smallest level of {0} {1} breaks {2} (confidence {3})",
        ...[end.failing.level, of, end.first_broken, percent(end.failing.confidence)],
      );
    case "invalid":
      return sayInvalid(end, of);
    case "so_far":
      return sayAll([say("no limit found: {0}", WHY[end.why]), ...sides(end, of)], "; ");
  }
}

const WHY: Readonly<Record<Extract<LimitEnd, { kind: "so_far" }>["why"], Message>> = {
  budget: say("the budget ran out"),
  stopped: say("the search was stopped"),
  not_recovered: say("the deployment did not recover from a breach"),
  step_over: say("the step had nothing more to do"),
  not_set: say("the level could not be set"),
  running: say("the search goes on"),
};

const WHY_SKIPPED: Readonly<Record<LimitSkipped, Message>> = {
  ...WHY,
  generator: say("the generator was the limit"),
  smallest_breaks: say("even the smallest level breaks at less"),
};

function sayInvalid(end: Extract<LimitEnd, { kind: "invalid" }>, of: Message): Message {
  const { level, reason, passing } = end;
  const was = say("the generator was the limit at {0} {1}", level, of);
  const why = reason === undefined ? was : say("{0}: {1}", was, reason);
  return sayAll([why, ...sides({ passing }, of)], "; ");
}

function sides(
  { passing, failing }: { passing?: LimitSide | undefined; failing?: LimitSide | undefined },
  of: Message,
): Message[] {
  const known: Message[] = [];
  if (passing)
    known.push(say("{0} {1} passed (confidence {2})", passing.level, of, percent(passing.confidence)));
  if (failing)
    known.push(say("{0} {1} broke (confidence {2})", failing.level, of, percent(failing.confidence)));
  return known;
}

/** What the levels come to together: the knee, and the curves that fit, with how near they are. */
export function sayShape({
  vary,
  knee,
  curves = [],
}: Pick<LimitResult, "vary" | "knee" | "curves">): Message[] {
  const of = nameOf(vary);
  const known: Message[] = [];
  if (knee !== undefined)
    known.push(
      say("knee at {0} {1}: the most throughput for its latency of the levels that were looked at", knee, of),
    );
  return [...known, ...curves.map((curve) => sayCurve(curve, of))];
}

/** How far the levels are from a curve. */
export function errorOf({ error }: Pick<LimitCurve, "error">): string {
  return error < 0.005 ? "<1 %" : percent(error);
}

function sayCurve(curve: LimitCurve, of: Message): Message {
  const { kind, parameters } = curve;
  const [{ capacity = 0, sigma = 0, kappa = 0 }, off] = [parameters, errorOf(curve)];
  if (kind === "queueing")
    return say(
      "latency is that of a queue with a capacity of {0} {1} (the levels are {2} off)",
      ...[Math.round(capacity), of, off],
    );
  return say(
    "throughput follows the universal scalability law: contention {0}, crosstalk {1} (the levels are {2} off)",
    ...[small(sigma), small(kappa), off],
  );
}

function small(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** What is searched, by the step's level. */
export function nameOf(vary: string): Message {
  if (vary === "connections") return say("connections");
  if (vary === "concurrency") return say("at a time");
  if (vary === "users") return say("users");
  if (vary === "messages_per_second") return say("messages a second");
  if (vary === "messages_per_connection") return say("messages a second of each connection");
  return say("{0}", vary);
}

/** A value of a second number: "5 messages a second of each connection". */
export function sayValue(vary: string, value: number): Message {
  if (vary === "connections") return sayCount(value, { one: "{0} connection", other: "{0} connections" });
  if (vary !== "messages_per_connection") return say("{0}: {1}", nameOf(vary), value);
  return sayCount(value, {
    one: "{0} message a second of each connection",
    other: "{0} messages a second of each connection",
  });
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
