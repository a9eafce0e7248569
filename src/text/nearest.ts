import { type Message, say } from "./message.ts";

/** The name that was probably meant; undefined where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((one) => ({ one, steps: distance(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  return best && best.steps <= Math.ceil(name.length / 3) ? best.one : undefined;
}

/** A sentence about an unknown name, with the name that was probably meant, else with all that there are. */
export function orNearest(said: Message, name: string, known: readonly string[]): Message {
  const near = nearest(name, known);
  return near === undefined
    ? say("{0}: there is {1}", said, known.join(", "))
    : say("{0}; did you mean {1}?", said, near);
}

/** How many letters have to be changed, put in or taken out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(
        Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === b[j] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
