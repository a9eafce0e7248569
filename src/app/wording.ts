import type { FigureUnit } from "../protocol/description.ts";
import { formatFigure } from "../protocol/format-figure.ts";
import { english, type Message } from "../text/message.ts";

/** How a front end writes what a use case says: the editor in its reader's language, the command line in English. */
export interface Wording {
  text(message: Message): string;
  /** A value with its unit. */
  value(value: number, unit: FigureUnit): string;
  /** Unix milliseconds. */
  dateTime(at: number): string;
}

export const ENGLISH: Wording = {
  text: english,
  value: formatFigure,
  dateTime: (at) =>
    new Date(at)
      .toISOString()
      .replace("T", " ")
      .replace(/\.\d+Z$/, " UTC"),
};
