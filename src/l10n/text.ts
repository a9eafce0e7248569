import { type Arg, type Forms, filled, hasNoWords, type Message } from "../text/message.ts";

type Value = string | number;
export type Translate = (message: string, ...values: Value[]) => string;

/** Plain English, with `{0}` and the like filled in: what tests see, and what holds where there is no bundle. */
const english: Translate = filledIn;

function filledIn(message: string, ...values: Value[]): string {
  return filled(message, values);
}

let translate: Translate = english;
let tongue = "en";
let formats = formatsOf(tongue);

/**
 * Each is made once for a language, and when it is first asked for: to make one takes longer than all that an update of the
 * panel writes with it, and the editor waits for what is made when the extension starts.
 */
function formatsOf(language: string) {
  return {
    rules: onFirstUse(() => new Intl.PluralRules(language)),
    whole: onFirstUse(() => new Intl.NumberFormat(language, { maximumFractionDigits: 0 })),
    number: onFirstUse(() => new Intl.NumberFormat(language, { maximumFractionDigits: 2 })),
    list: onFirstUse(() => new Intl.ListFormat(language, { type: "unit", style: "short" })),
    together: onFirstUse(() => new Intl.ListFormat(language, { type: "conjunction", style: "long" })),
  };
}

function onFirstUse<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * Texts come from this bundle from now on (`t` of `vscode.l10n`, or of @vscode/l10n in a page). `language` is
 * that of the bundle, as BCP 47 has it: numbers and dates are written as it does. A text that is not translated
 * stays English, and so should its numbers: without a bundle, this is not called.
 */
export function translateBy(translator: Translate, language: string): void {
  translate = translator;
  tongue = supported(language) ? language : "en";
  formats = formatsOf(tongue);
}

/** English again. */
export function resetTranslation(): void {
  translateBy(english, "en");
}

/** The language of the texts, for `Intl`. */
export function language(): string {
  return tongue;
}

/**
 * A text for people, in the editor's language. The message is the key: scripts/l10n.ts collects it into
 * l10n/bundle.l10n.json, so it has to be a literal, or one that was marked by `words`.
 */
export function t(message: string, ...values: Value[]): string {
  return translate(message, ...values);
}

/**
 * A text that says how many. Both forms are keys of the bundle; a language with more forms than English has
 * them under the second key and the form's name, as `{0} workspaces/few` (the names are those of Intl).
 */
export function plural(count: number, { one, other }: Forms, ...more: Value[]): string {
  const form = formats.rules().select(count);
  const shown = formats.whole().format(count);
  if (form === "one") return translate(one, shown, ...more);
  if (form !== "other") {
    const key = `${other}/${form}`;
    const text = translate(key, shown, ...more);
    if (text !== english(key, shown, ...more)) return text;
  }
  return translate(other, shown, ...more);
}

/** A text that stands in a run's description, in what a workload says of itself, or that `words` has marked. */
export function lookedUp(text: string, ...values: Value[]): string {
  return translate(text, ...values);
}

/** A message in the editor's language: what a run says of itself, and what our errors say. */
export function wordsOf({ id, one, args }: Message): string {
  if (!args) return translate(id);
  const values = args.map(argWords);
  if (hasNoWords(id)) return filled(id, values);
  const [count] = args;
  if (one === undefined || typeof count !== "number") return translate(id, ...values);
  return plural(count, { one, other: id }, ...values.slice(1));
}

function argWords(arg: Arg): string {
  if (typeof arg === "string") return arg;
  return typeof arg === "number" ? formats.number().format(arg) : wordsOf(arg);
}

/** A list of things that stand beside each other, as the language writes one: `a, b`. */
export function listed(parts: readonly string[]): string {
  return formats.list().format(parts.filter(Boolean));
}

/** Things that are meant together: `a, b and c`. */
export function joined(parts: readonly string[]): string {
  return formats.together().format(parts.filter(Boolean));
}

function supported(language: string): boolean {
  try {
    return Intl.PluralRules.supportedLocalesOf(language).length > 0;
  } catch {
    return false;
  }
}
