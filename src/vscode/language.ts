import { env, l10n } from "vscode";
import { translateBy } from "../l10n/text.ts";
import type { PageTexts } from "../protocol/page-texts.ts";

/** Texts are in the editor's language from now on. Returns them for pages; undefined: English. */
export function useEditorLanguage(): PageTexts | undefined {
  const texts = l10n.bundle && { language: env.language, contents: l10n.bundle };
  if (texts) translateBy(l10n.t, texts.language);
  return texts;
}
