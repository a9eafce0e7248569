import { readFileSync } from "node:fs";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { CHROMIUM_ARGS, chromiumPath } from "../../scripts/host/chromium.ts";
import type { ToComparePage } from "../../src/protocol/compare-page.ts";
import type { PageTexts } from "../../src/protocol/page-texts.ts";
import type { FromPanel, ToPanel } from "../../src/protocol/panel.ts";
import type { ToPlanPage } from "../../src/protocol/plan-page.ts";
import type { ToSizingPage } from "../../src/protocol/sizing-page.ts";
import type { WorkspaceRow } from "../../src/protocol/snapshot.ts";
import { pageHtml } from "../../src/vscode/ui/page-html.ts";
import { DARK, type Theme } from "./themes.ts";

const ORIGIN = "http://panel.test";
const dist = path.resolve("dist");

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
}

export interface OpenPanel {
  page: Page;
  /** What the browser's console complained about. */
  complaints: string[];
  send(...messages: (ToPanel | ToPlanPage | ToSizingPage | ToComparePage)[]): Promise<void>;
  /** What the panel said; other pages have messages of their own. */
  posted<M = FromPanel>(): Promise<M[]>;
  /** Answers the pages that the table asks for, as a runner would: from these rows, sorted and filtered. */
  serveRows(rows: readonly WorkspaceRow[]): Promise<void>;
  state(): Promise<unknown>;
}

type Bundle = "webview" | "plan" | "sizing" | "compare";

export interface OpenOptions {
  /** Which of the pages; by default the panel of a run. */
  bundle?: Bundle;
  /** The editor's language; none: English. */
  texts?: PageTexts;
  theme?: Theme;
  width?: number;
  height?: number;
  state?: unknown;
}

/** Opens the real bundle in the page that the extension makes, with a stand-in for the editor's own script. */
async function openPanel(browser: Browser, options: OpenOptions = {}): Promise<OpenPanel> {
  const theme = options.theme ?? DARK;
  const viewport = { width: options.width ?? 1280, height: options.height ?? 1000 };
  const page = await browser.newPage({ viewport, reducedMotion: "reduce" });
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.route(`${ORIGIN}/**`, (route) =>
    route.fulfill(answer(new URL(route.request().url()).pathname, options)),
  );
  await page.addInitScript(editorStandIn, { theme, state: options.state });
  await page.goto(`${ORIGIN}/`);
  await page.waitForFunction(() => window.posted.length > 0);
  return {
    page,
    complaints,
    send: (...messages) =>
      page.evaluate((all) => {
        for (const data of all) window.dispatchEvent(new MessageEvent("message", { data }));
      }, messages),
    posted: <M>() => page.evaluate(() => window.posted) as Promise<unknown> as Promise<M[]>,
    serveRows: (rows) => page.evaluate((all) => window.serve(all), [...rows]),
    state: () => page.evaluate(() => window.kept),
  };
}

function answer(
  pathname: string,
  { texts, bundle = "webview" }: OpenOptions,
): { body: string; contentType: string } {
  const file = (name: string) => readFileSync(path.join(dist, name), "utf8");
  if (pathname === `/${bundle}.js`) return { body: file(`${bundle}.js`), contentType: "text/javascript" };
  if (pathname === `/${bundle}.css`) return { body: file(`${bundle}.css`), contentType: "text/css" };
  const html = pageHtml({
    title: "Scale test",
    scriptUri: `${ORIGIN}/${bundle}.js`,
    styleUri: `${ORIGIN}/${bundle}.css`,
    cspSource: ORIGIN,
    nonce: "abc123",
    ...(texts ? { texts } : {}),
  });
  return pathname === "/"
    ? { body: html, contentType: "text/html" }
    : { body: "", contentType: "text/plain" };
}

declare global {
  interface Window {
    posted: FromPanel[];
    kept: unknown;
    serve(rows: WorkspaceRow[]): void;
  }
}

/** Runs in the page, before anything else: the theme as VS Code sets it, and acquireVsCodeApi. */
function editorStandIn({ theme, state }: { theme: Theme; state: unknown }): void {
  let rows: WorkspaceRow[] | undefined;
  window.posted = [];
  window.kept = state;
  const send = (data: ToPanel) => window.dispatchEvent(new MessageEvent("message", { data }));
  const answerPage = ({ request, query }: Extract<FromPanel, { type: "page" }>) => {
    const found = (rows ?? []).filter(
      (row) =>
        (!query.step || row.step === query.step) &&
        (!query.state || row.state === query.state) &&
        `${row.name} ${JSON.stringify(row.error ?? "")}`.includes(query.filter ?? ""),
    );
    const sort = query.sort ?? "index";
    const key = (row: WorkspaceRow) => {
      const value = sort.startsWith("values.")
        ? row.values?.[sort.slice("values.".length)]
        : row[sort as "index" | "name" | "state" | "readyMs"];
      return value ?? Number.MAX_SAFE_INTEGER;
    };
    found.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.index - b.index));
    if (query.descending) found.reverse();
    const page = { rows: found.slice(query.offset, query.offset + query.limit), total: found.length };
    setTimeout(() => send({ type: "page", request, page }), 0);
  };
  window.serve = (all) => {
    rows = all;
    for (const message of window.posted) if (message.type === "page") answerPage(message);
  };
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: FromPanel) => {
        window.posted.push(message);
        if (message.type === "page" && rows) answerPage(message);
      },
      getState: () => window.kept,
      setState: (value: unknown) => {
        window.kept = value;
      },
    }),
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const [name, value] of Object.entries(theme.variables)) {
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    }
    document.body.className = theme.kind;
    document.body.dataset.vscodeThemeKind = theme.kind;
  });
}

/** A browser for the tests of one file; the panel that a test opens in it ends with the test. */
export function panelForEach(): {
  open(options?: OpenOptions): Promise<OpenPanel>;
  close(): Promise<void>;
} {
  let browser: Browser;
  let panel: OpenPanel | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(close);

  async function open(options?: OpenOptions): Promise<OpenPanel> {
    panel = await openPanel(browser, options);
    return panel;
  }

  async function close(): Promise<void> {
    await panel?.page.close();
    panel = undefined;
  }
  return { open, close };
}
