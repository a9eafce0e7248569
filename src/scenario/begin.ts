import { parseDuration } from "../protocol/duration.ts";
import type { Begin } from "../protocol/step-request.ts";
import { type Message, say } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import { bareNumber, type Reader } from "./reader.ts";
import type { Entry, Place } from "./source.ts";

/** When a step begins, as the file says it: the step that it names may not be there. */
export interface BeginDraft {
  begin: Begin;
  place: Place;
}

const WORDS = ["at", "after", "with"] as const;

export function readBegin(reader: Reader, keys: ReadonlyMap<string, Entry>): BeginDraft | undefined {
  const [first, second] = WORDS.flatMap((word) => keys.get(word) ?? []);
  if (!first) return undefined;
  if (second)
    reader.source.error(
      second.key,
      say('a step begins by one of at, after and with; take "{0}" or "{1}" out', second.name, first.name),
    );
  const place = reader.valueOf(first);
  const text = reader.text(place, first.name)?.trim();
  if (text === undefined || !place) return undefined;
  if (first.name === "after") return { begin: { kind: "after", step: text }, place };
  if (first.name === "with") return { begin: { kind: "with", step: text }, place };
  const begin = beginAt(text);
  if (!("problem" in begin)) return { begin, place };
  reader.source.error(place, begin.problem);
  return undefined;
}

/** `5m`, or `STEP + 5m`, which counts from the begin of that step's measured part. */
function beginAt(text: string): Begin | { problem: Message } {
  const bare = bareNumber(text);
  if (bare !== undefined) return { problem: say("at has no unit; write {0}s or {1}ms", bare, bare) };
  const ms = parseDuration(text);
  if (ms !== undefined) return { kind: "at", ms };
  const [, step = "", time] = /^([A-Za-z][\w-]*)\s*(?:\+\s*(\S+))?$/.exec(text) ?? [];
  const later = time === undefined ? 0 : parseDuration(time);
  if (step !== "" && later !== undefined) return { kind: "hold", step, ms: later };
  return { problem: say('at must be a time such as 5m, or STEP + 5m, not "{0}"', text) };
}

/** The begin with names that are there; undefined where a name is not, and a problem says so. */
export function knownBegin(
  reader: Reader,
  { begin, place }: BeginDraft,
  names: readonly string[],
  repeated: ReadonlyMap<string, readonly string[]>,
): Begin | undefined {
  if (begin.kind === "at") return begin;
  if (names.includes(begin.step)) return begin;
  const copies = repeated.get(begin.step);
  const last = copies?.at(-1);
  if (last !== undefined && begin.kind === "after") return { ...begin, step: last };
  reader.source.error(
    place,
    copies
      ? say('"{0}" is repeated; name one of its copies: {1}', begin.step, copies.join(", "))
      : orNearest(say('there is no step "{0}"', begin.step), begin.step, names),
  );
  return undefined;
}
