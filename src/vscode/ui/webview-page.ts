import { randomBytes } from "node:crypto";
import { Uri, type WebviewPanel } from "vscode";
import type { PageTexts } from "../../protocol/page-texts.ts";
import { pageHtml } from "./page-html.ts";

/** Fills a panel with one of the pages of dist/: `webview` is webview.js with webview.css. Sets its title and icon. */
export function fillPage(
  panel: WebviewPanel,
  bundle: "webview" | "plan" | "sizing" | "compare",
  { extension, title, texts }: { extension: Uri; title: string; texts: PageTexts | undefined },
): void {
  const dist = Uri.joinPath(extension, "dist");
  const { webview } = panel;
  const file = (name: string) => webview.asWebviewUri(Uri.joinPath(dist, name)).toString();
  panel.title = title;
  panel.iconPath = {
    light: Uri.joinPath(extension, "media", "panel-light.svg"),
    dark: Uri.joinPath(extension, "media", "panel-dark.svg"),
  };
  webview.options = { enableScripts: true, localResourceRoots: [dist], enableCommandUris: false };
  webview.html = pageHtml({
    ...(texts ? { texts } : {}),
    title,
    scriptUri: file(`${bundle}.js`),
    styleUri: file(`${bundle}.css`),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString("base64url"),
  });
}
