import { stripVTControlCharacters } from "node:util";

/** The text as XML can hold it: control characters and halves of a character are no part of any document. */
function storable(text: string): string {
  return stripVTControlCharacters(text).replace(
    /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu,
    "",
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** Between tags. `>` is escaped, too: `]]>` may not stand there. */
export function xmlText(text: string): string {
  return storable(text).replace(/[&<>\r]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** As a value between double quotes; its line breaks survive. */
export function xmlAttribute(text: string): string {
  return storable(text).replace(/[&<>"\t\n\r]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** ` name="value"` for each that there is. */
export function xmlAttributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${xmlAttribute(String(value))}"`]))
    .join("");
}
