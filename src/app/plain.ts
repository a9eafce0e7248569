import { stripVTControlCharacters } from "node:util";

/** A server's text in one line: no line breaks, nothing that a terminal obeys. */
export function plainLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}

/** The same with its line breaks, each as `\n`, and its tabs. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, " ");
}
