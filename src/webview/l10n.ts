import * as l10n from "@vscode/l10n";
import { translateBy } from "../l10n/text.ts";
import { PAGE_TEXTS_ID, pageTextsSchema } from "../protocol/page-texts.ts";

/**
 * Takes the language that the host put into the page. It is imported before anything that has texts, so that
 * none of them is ever drawn in English first.
 */
const found = document.getElementById(PAGE_TEXTS_ID)?.textContent;
if (found) {
  const { language, contents } = pageTextsSchema.parse(JSON.parse(found));
  l10n.config({ contents });
  translateBy((message, ...values) => l10n.t(message, ...values), language);
}
