import * as z from "zod";

/** The texts of a page that a host makes (the panel, a report): there is no `vscode.l10n` in it. */
export const pageTextsSchema = z.object({
  /** Of the texts, as BCP 47 has it. */
  language: z.string(),
  /** The bundle, as `vscode.l10n.bundle` has it. */
  contents: z.record(z.string(), z.string()),
});
export type PageTexts = z.infer<typeof pageTextsSchema>;

export const PAGE_TEXTS_ID = "l10n";

/** Data, not code: no policy for scripts is about it. Empty where the texts are English. */
export function pageTextsElement(texts: PageTexts | undefined): string {
  return texts ? `<script id="${PAGE_TEXTS_ID}" type="application/json">${escapeJson(texts)}</script>\n` : "";
}

/** Inside of a script element, only these could end it or change how it is read. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
