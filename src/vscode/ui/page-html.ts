import { type PageTexts, pageTextsElement } from "../../protocol/page-texts.ts";

export interface Page {
  /** The editor's language; none: English. */
  texts?: PageTexts;
  title: string;
  scriptUri: string;
  styleUri: string;
  /** Where VS Code serves a webview's own files from. */
  cspSource: string;
  /** Only the script that carries it runs. */
  nonce: string;
}

/** A page of a webview. It holds no data: everything is drawn by its script, as text. */
export function pageHtml(page: Page): string {
  const policy = [
    "default-src 'none'",
    `style-src ${page.cspSource}`,
    `font-src ${page.cspSource}`,
    `script-src 'nonce-${page.nonce}'`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(page.texts?.language ?? "en")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<title>${escapeHtml(page.title)}</title>
<link rel="stylesheet" href="${escapeHtml(page.styleUri)}">
</head>
<body>
${pageTextsElement(page.texts)}<script type="module" nonce="${escapeHtml(page.nonce)}" src="${escapeHtml(page.scriptUri)}"></script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
