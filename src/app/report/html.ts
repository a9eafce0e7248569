import { createHash } from "node:crypto";
import { escapeJson, type PageTexts, pageTextsElement } from "../../protocol/page-texts.ts";
import type { Asked, ReportData } from "../../protocol/report-page.ts";
import type { Sample, Snapshot, WorkspaceRow } from "../../protocol/snapshot.ts";
import { say } from "../../text/message.ts";
import { plainText } from "../plain.ts";
import type { Wording } from "../wording.ts";

export interface ReportParts {
  /** dist/report.js and dist/report.css. */
  script: string;
  style: string;
  /** With all its steps. */
  snapshot: Snapshot;
  rows: readonly WorkspaceRow[];
  /** What was asked for, and how to ask again; absent where nobody knows. */
  asked?: Asked | undefined;
  wording: Wording;
  /** The editor's language; none: English. */
  texts?: PageTexts;
  samples: readonly Sample[];
  /** For a page in the editor: only scripts and styles that carry it hold. Without one, a file of its own. */
  nonce?: string;
}

/** One HTML file with the run's charts and tables in it; it asks the network for nothing. */
export function reportHtml(parts: ReportParts): string {
  const { script, style, snapshot, wording, texts, nonce } = parts;
  const code = escapeScript(script);
  // A file has no nonce that a text could not know beforehand: its one script is allowed by what it is.
  const [scripts, styles] =
    nonce === undefined
      ? [`'sha256-${sha256(code)}'`, "'unsafe-inline'"]
      : [`'nonce-${nonce}'`, `'nonce-${nonce}'`];
  const mark = nonce === undefined ? "" : ` nonce="${escapeHtml(nonce)}"`;
  const policy = `default-src 'none'; script-src ${scripts}; style-src ${styles}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(texts?.language ?? "en")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(wording.text(say("Scale test: {0}", snapshot.run.title)))}</title>
<style${mark}>${style.replaceAll("</", "<\\/")}</style>
</head>
<body>
${pageTextsElement(texts)}<script id="run" type="application/json">${escapeJson(dataOf(parts))}</script>
<script${mark}>${code}</script>
</body>
</html>
`;
}

/** The figures as they can be read back: see docs/report.md. */
function dataOf({ asked, snapshot, samples, rows }: ReportParts): ReportData {
  return {
    format: "coder-scaletest-report",
    version: 1,
    ...(asked ? { asked } : {}),
    snapshot,
    samples: [...samples],
    rows: [...rows],
  };
}

function escapeScript(script: string): string {
  return script.replaceAll("</script", "<\\/script").replace(/\/\/# sourceMappingURL=.*$/m, "");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

/** What there is to read where there is no run to draw: a refusal, or what was checked. A page without any script. */
export function plainHtml(title: string, text: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>${escapeHtml(title)}</title>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<pre>${escapeHtml(plainText(text))}</pre>
</body>
</html>
`;
}
