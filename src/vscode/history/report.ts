import type { Sample } from "../../protocol/snapshot.ts";
import type { Final } from "../../runs/final.ts";

export interface ReportParts {
  /** dist/report.js and dist/report.css. */
  script: string;
  style: string;
  final: Final;
  samples: readonly Sample[];
}

/** One HTML file with the run's charts and tables in it; it asks the network for nothing. */
export function reportHtml({ script, style, final, samples }: ReportParts): string {
  const { snapshot, rows } = final;
  const data = JSON.stringify({ snapshot, samples, rows });
  const policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(`Scale test: ${snapshot.run.title}`)}</title>
<style>${style.replaceAll("</", "<\\/")}</style>
</head>
<body>
<script id="run" type="application/json">${escapeJson(data)}</script>
<script>${escapeScript(script)}</script>
</body>
</html>
`;
}

/** Inside of a script element, only these could end it or change how it is read. */
function escapeJson(json: string): string {
  return json.replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

function escapeScript(script: string): string {
  return script.replaceAll("</script", "<\\/script").replace(/\/\/# sourceMappingURL=.*$/m, "");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
