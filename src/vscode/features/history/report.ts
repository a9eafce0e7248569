import { escapeJson, type PageTexts, pageTextsElement } from "../../../l10n/page.ts";
import { t } from "../../../l10n/text.ts";
import type { Sample } from "../../../protocol/snapshot.ts";
import type { EndedRecord } from "../../model/runs/watched-run.ts";

export interface ReportParts {
  /** dist/report.js and dist/report.css. */
  script: string;
  style: string;
  final: EndedRecord;
  /** The editor's language; none: English. */
  texts?: PageTexts;
  samples: readonly Sample[];
  /** For a page in the editor: only scripts and styles that carry it hold. Without one, a file of its own. */
  nonce?: string;
}

/** One HTML file with the run's charts and tables in it; it asks the network for nothing. */
export function reportHtml({ script, style, final, samples, texts, nonce }: ReportParts): string {
  const { whole: snapshot, rows } = final;
  const source = nonce === undefined ? "'unsafe-inline'" : `'nonce-${nonce}'`;
  const mark = nonce === undefined ? "" : ` nonce="${escapeHtml(nonce)}"`;
  const policy = `default-src 'none'; script-src ${source}; style-src ${source}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(texts?.language ?? "en")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(t("Scale test: {0}", snapshot.run.title))}</title>
<style${mark}>${style.replaceAll("</", "<\\/")}</style>
</head>
<body>
${pageTextsElement(texts)}<script id="run" type="application/json">${escapeJson({ snapshot, samples, rows })}</script>
<script${mark}>${escapeScript(script)}</script>
</body>
</html>
`;
}

function escapeScript(script: string): string {
  return script.replaceAll("</script", "<\\/script").replace(/\/\/# sourceMappingURL=.*$/m, "");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
