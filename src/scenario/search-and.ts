import type { LimitAnd } from "../protocol/limit.ts";
import { type Message, say } from "../text/message.ts";

/** A load's second number beside the one that is searched: its word, and what its values may be. */
interface Second {
  word: string;
  vary: string;
  most: number;
  isWhole: boolean;
}

/** By the level that is searched. Jobs have no other number than how many there are at a time. */
const SECONDS: Readonly<Record<string, Second>> = {
  // A connection ticks at most once a millisecond.
  connections: { word: "rate", vary: "messages_per_connection", most: 1_000, isWhole: false },
  messages_per_second: { word: "connections", vary: "connections", most: 1_000_000, isWhole: true },
};

/** Each is a search of many minutes. */
const MOST_VALUES = 8;

/** What stands beside a level, as it would be written; undefined where nothing can. */
export function secondWord(level: string): string | undefined {
  return SECONDS[level]?.word;
}

/** The second number beside a level, with values such as people write; undefined where there is none. */
export function secondOffer(level: string): { word: string; values: string } | undefined {
  const second = SECONDS[level];
  return second && { word: second.word, values: valuesOf(second) };
}

/** `rate=1,2,5`: the second number and its values; undefined where something is wrong with it, of which `fault` is told. */
export function andOf(
  text: string,
  level: string,
  fault: (said: Message) => void,
  key: string,
): LimitAnd | undefined {
  const second = SECONDS[level];
  if (!second) {
    fault(say("{0}: there is no second number beside what is searched", key));
    return undefined;
  }
  const [, word, list] = /^\s*([^=]*?)\s*=(.*)$/s.exec(text) ?? [];
  if (word !== second.word || list === undefined) {
    fault(
      say('{0} "{1}" is not {2} with its values, such as {3}', key, text, second.word, exampleOf(second)),
    );
    return undefined;
  }
  const values = list.split(",").map((one) => valueIn(one, second));
  const known = values.filter((value) => value !== undefined);
  if (known.length < values.length) {
    const wrong = list.split(",")[values.indexOf(undefined)] ?? "";
    fault(
      second.isWhole
        ? say('{0} "{1}" is not a whole number from 1 to {2}', key, wrong.trim(), second.most)
        : say('{0} "{1}" is not a number above 0, at most {2}', key, wrong.trim(), second.most),
    );
    return undefined;
  }
  const different = [...new Set(known)].sort((one, other) => one - other);
  if (different.length > MOST_VALUES) {
    fault(say("{0} has {1} values; {2} at most", key, different.length, MOST_VALUES));
    return undefined;
  }
  return { vary: second.vary, values: different };
}

function exampleOf(second: Second): string {
  return `${second.word}=${valuesOf(second)}`;
}

/** As people write them. */
function valuesOf({ isWhole }: Second): string {
  return isWhole ? "100,200,400" : "1,2,5,10";
}

function valueIn(text: string, { most, isWhole }: Second): number | undefined {
  if (!(isWhole ? /^\s*\d{1,7}\s*$/ : /^\s*\d{1,4}(?:\.\d{1,3})?\s*$/).test(text)) return undefined;
  const value = Number(text);
  return value > 0 && value <= most ? value : undefined;
}

/** The other way. */
export function andText({ vary, values }: LimitAnd): string {
  const word = Object.values(SECONDS).find((one) => one.vary === vary)?.word ?? vary;
  return `${word}=${values.join(",")}`;
}
