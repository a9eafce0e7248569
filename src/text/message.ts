/**
 * A sentence for people that is in no language yet: plain JSON, on the wire and on disk.
 *
 * The id is the English text, with `{0}` and the like for its arguments, as VS Code's own l10n bundles have it. So
 * there is one space of keys with `t()` of src/l10n, and a reader of an older version, which does not know a newer
 * message, shows it in English instead of a code.
 */
export interface Message {
  readonly id: string;
  /** Of a message that says how many: its English form for one. The count is the first argument, the id the form for more. */
  readonly one?: string | undefined;
  readonly args?: readonly Arg[] | undefined;
}

/** Numbers are written as the reader's language does; a text (a name, a code, a figure with its unit) stays as it is. */
export type Arg = string | number | Message;

/** The two forms of English, as full texts; `{0}` is the number in both. */
export interface Forms {
  one: string;
  other: string;
}

/** A message. The id is a literal: scripts/l10n.ts collects it for the bundle. */
export function say(id: string, ...args: Arg[]): Message {
  return args.length > 0 ? { id, args: args.map(written) } : { id };
}

/** JSON has no other numbers than finite ones: without this, one of those would make a whole snapshot unreadable. */
function written(arg: Arg): Arg {
  return typeof arg === "number" && !Number.isFinite(arg) ? String(arg) : arg;
}

/** A message that says how many. Both forms are literals. */
export function sayCount(count: number, { one, other }: Forms, ...more: Arg[]): Message {
  return { id: other, one, args: [count, ...more].map(written) };
}

/** What is not ours to translate, and is shown as it is: a server's error, a command's output, a path. */
export function foreign(text: string): Message {
  return { id: "{0}", args: [text] };
}

/** Several messages side by side: "9 succeeded, 1 failed". What stands between them has no words in it. */
export function sayAll(parts: readonly Message[], between: string): Message {
  const [first, ...more] = parts;
  if (first && more.length === 0) return first;
  return { id: parts.map((_part, at) => `{${at}}`).join(between), args: parts };
}

/** Marks a constant text for the bundle that becomes a message later, by `ofWords`, or is looked up by `t`. */
export function words(text: string): string {
  return text;
}

/** The message of a text that was marked by `words`, or that a run's description has. */
export function ofWords(text: string): Message {
  return { id: text };
}

/** Whether a text consists of places and signs alone, so that no language has words for it: "{0}: {1}". */
export function hasNoWords(id: string): boolean {
  return !/\p{L}/u.test(id.replace(PLACE, ""));
}

const PLACE = /\{(\d+)\}/g;

/** A text with the values in their places; a place without a value stays. */
export function filled(text: string, values: readonly (string | number)[]): string {
  if (values.length === 0) return text;
  return text.replace(PLACE, (place, index: string) => String(values[Number(index)] ?? place));
}

/** Plain English: for the command line, for errors, for what scripts read, and to compare messages by. */
export function english({ id, one, args = [] }: Message): string {
  const text = one !== undefined && args[0] === 1 ? one : id;
  return filled(
    text,
    args.map((arg) => (typeof arg === "object" ? english(arg) : arg)),
  );
}

/** The same message with another text for each of its own texts: those in which a secret is hidden, say. */
export function withTexts(message: Message, change: (text: string) => string): Message {
  if (!message.args) return message;
  const args = message.args.map((arg) => {
    if (typeof arg === "string") return change(arg);
    return typeof arg === "number" ? arg : withTexts(arg, change);
  });
  return { ...message, args };
}

/** Whether two messages say the same. */
export function isSame(one: Message | undefined, other: Message | undefined): boolean {
  if (one === other) return true;
  if (one?.id !== other?.id || one?.one !== other?.one) return false;
  const [mine, theirs] = [one?.args ?? [], other?.args ?? []];
  return mine.length === theirs.length && mine.every((arg, at) => isSameArg(arg, theirs[at]));
}

function isSameArg(one: Arg, other: Arg | undefined): boolean {
  return typeof one === "object" && typeof other === "object" ? isSame(one, other) : one === other;
}
