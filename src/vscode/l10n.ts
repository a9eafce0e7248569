type Value = string | number;
export type Translate = (message: string, ...values: Value[]) => string;

/** Plain English, with `{0}` and the like filled in: what tests see, and what holds until the editor is asked. */
const english: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (place, index: string) => String(values[Number(index)] ?? place));

let translate: Translate = english;

/** Texts come from the editor's bundle from now on (`vscode.l10n.t`). */
export function translateBy(translator: Translate): void {
  translate = translator;
}

/**
 * A text for people, in the editor's language. The message is the key: it stands in l10n/bundle.l10n.json,
 * which a test holds against the code, so it has to be a literal.
 */
export function t(message: string, ...values: Value[]): string {
  return translate(message, ...values);
}
