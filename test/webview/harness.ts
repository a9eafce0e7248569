import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
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
async function openPanel(page: Page, server: PageServer, options: OpenOptions): Promise<OpenPanel> {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.setViewportSize({ width: options.width ?? 1280, height: options.height ?? 1000 });
  await page.emulateMedia({ reducedMotion: "reduce", colorScheme: "light", forcedColors: "none" });
  await page.goto(server.add(options));
  await page.waitForFunction(() => window.posted.length > 0);
  return {
    page,
    complaints,
    // As text: a structure that the browser's driver takes apart itself costs a hundred times as much.
    send: (...messages) =>
      page.evaluate((all) => {
        for (const data of JSON.parse(all)) window.dispatchEvent(new MessageEvent("message", { data }));
      }, JSON.stringify(messages)),
    posted: <M>() => page.evaluate(() => window.posted) as Promise<unknown> as Promise<M[]>,
    serveRows: (rows) => page.evaluate((all) => window.serve(JSON.parse(all)), JSON.stringify(rows)),
    state: () => page.evaluate(() => window.kept),
  };
}

interface PageServer {
  /** The address of a page that is made by these options. */
  add(options: OpenOptions): string;
  close(): Promise<void>;
}

/** Serves the pages of one file's tests, each at an address of its own, and the bundles, which the browser keeps. */
async function servePages(): Promise<PageServer> {
  const pages: OpenOptions[] = [];
  const server = createServer((request, response) => {
    const options = pages[Number(request.url?.slice(1))];
    const { body, type } = options
      ? { body: htmlOf(originOf(server), options), type: "text/html" }
      : bundleAt(request.url ?? "/");
    response.writeHead(200, { "content-type": type, "cache-control": "max-age=3600" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    add: (options) => `${originOf(server)}/${pages.push(options) - 1}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return `http://127.0.0.1:${address.port}`;
}

const bundles = new Map<string, string>();

function bundleAt(url: string): { body: string; type: string } {
  const [, name, extension] = /^\/(\w+)\.(js|css)$/.exec(url) ?? [];
  if (name === undefined) return { body: "", type: "text/plain" };
  const file = `${name}.${extension}`;
  const body = bundles.get(file) ?? readFileSync(path.join(dist, file), "utf8");
  bundles.set(file, body);
  return { body, type: extension === "js" ? "text/javascript" : "text/css" };
}

function htmlOf(origin: string, { texts, bundle = "webview", theme = DARK, state }: OpenOptions): string {
  const html = pageHtml({
    title: "Scale test",
    scriptUri: `${origin}/${bundle}.js`,
    styleUri: `${origin}/${bundle}.css`,
    cspSource: origin,
    nonce: "abc123",
    ...(texts ? { texts } : {}),
  });
  const given = JSON.stringify({ theme, state }).replaceAll("<", "\\u003c");
  return html.replace("<head>", () => `<head><script>(${editorStandIn})(${given})</script>`);
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
  const messageText = (message: WorkspaceRow["cause"]) =>
    message?.id.replace(/\{(\d+)\}/g, (_, place: string) => String(message.args?.[Number(place)])) ?? "";
  window.posted = [];
  window.kept = state;
  const send = (data: ToPanel) => window.dispatchEvent(new MessageEvent("message", { data }));
  const answerPage = ({ request, query }: Extract<FromPanel, { type: "page" }>) => {
    const found = (rows ?? []).filter(
      (row) =>
        (!query.step || row.step === query.step) &&
        (!query.state || row.state === query.state) &&
        (!query.cause || messageText(row.cause) === query.cause) &&
        `${row.name} ${messageText(row.error)} ${messageText(row.cause)}`.includes(query.filter ?? ""),
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

/**
 * A browser for the tests of one file. Each test has a document of its own, at an address of its own, in the same
 * tab: a new tab is a new process, which takes longer than most tests.
 */
export function panelForEach(): {
  open(options?: OpenOptions): Promise<OpenPanel>;
  close(): Promise<void>;
} {
  let browser: Browser;
  let server: PageServer;
  let tab: Page | undefined;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), servePages()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  afterEach(close);

  async function open(options: OpenOptions = {}): Promise<OpenPanel> {
    const page = tab && !tab.isClosed() ? tab : await browser.newPage();
    tab = page;
    if (process.env.SOON) page.setDefaultTimeout(3_000);
    return openPanel(page, server, options);
  }

  /** Nothing of the page is left but the tab. */
  async function close(): Promise<void> {
    if (!tab || tab.isClosed()) return;
    tab.removeAllListeners();
    await tab.mouse.move(0, 0);
    await tab.goto("about:blank");
  }
  return { open, close };
}
