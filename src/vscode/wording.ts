import type { Wording } from "../app/wording.ts";
import { formatDateTime } from "../l10n/figures.ts";
import { formatValue } from "../l10n/shown.ts";
import { wordsOf } from "../l10n/text.ts";

/** As the editor writes, in its language. */
export const EDITOR: Wording = { text: wordsOf, value: formatValue, dateTime: formatDateTime };
