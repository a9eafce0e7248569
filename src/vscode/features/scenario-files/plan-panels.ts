import {
  commands,
  Disposable,
  Range,
  type TextDocument,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from "vscode";
import * as z from "zod";
import { t } from "../../../l10n/text.ts";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import { fromPlanPageSchema, type ToPlanPage } from "../../../protocol/plan-page.ts";
import type { Range as Place } from "../../../scenario/problem.ts";
import type { Front } from "../../front/front.ts";
import { type Log, messageOf } from "../../host.ts";
import { PLAN_TYPE } from "../../ids.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import { fillPage } from "../../ui/webview-page.ts";

/** After the last key. */
const QUIET_MS = 150;
/** VS Code asks a page four times a second whether it has the focus. */
const LATE_FOCUS_MS = 500;
const stateSchema = z.looseObject({ uri: z.string() });

interface Parts {
  front: Pick<Front, "panels">;
  extension: Uri;
  texts: PageTexts | undefined;
  scenarios: ScenarioDocuments;
  log: Log;
}

/** One shown plan. */
interface Shown {
  panel: WebviewPanel;
  uri: Uri;
  isReady: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** What scenarios will do, each beside its file, drawn anew as somebody types. They come back after a reload. */
export class PlanPanels implements Disposable {
  readonly #parts: Parts;
  readonly #open = new Map<string, Shown>();
  readonly #registrations: Disposable;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#registrations = Disposable.from(
      parts.front.panels(PLAN_TYPE, {
        deserializeWebviewPanel: async (panel, state: unknown) => {
          const kept = stateSchema.safeParse(state);
          const uri = kept.success ? Uri.parse(kept.data.uri) : undefined;
          const isThere = uri !== undefined && (await canBeOpened(uri));
          if (isThere) this.#fill(panel, uri);
          else panel.dispose();
        },
      }),
      workspace.onDidChangeTextDocument(({ document }) => this.#changed(document)),
      workspace.onDidOpenTextDocument((document) => this.#changed(document)),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("scaletest.limits"))
          for (const shown of this.#open.values()) this.#later(shown);
      }),
    );
  }

  show(uri: Uri): void {
    const open = this.#open.get(uri.toString());
    if (open) {
      open.panel.reveal(undefined, true);
      return;
    }
    const where = { viewColumn: ViewColumn.Beside, preserveFocus: true };
    this.#fill(window.createWebviewPanel(PLAN_TYPE, "", where), uri);
  }

  dispose(): void {
    this.#registrations.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  #fill(panel: WebviewPanel, uri: Uri): void {
    const shown: Shown = { panel, uri, isReady: false, timer: undefined };
    this.#open.set(uri.toString(), shown);
    panel.webview.onDidReceiveMessage((message: unknown) => {
      this.#receive(shown, message).catch((error: unknown) => this.#failed(error));
    });
    panel.onDidDispose(() => {
      clearTimeout(shown.timer);
      if (this.#open.get(uri.toString()) === shown) this.#open.delete(uri.toString());
    });
    const name = uri.path.split("/").at(-1) ?? "";
    const { extension, texts } = this.#parts;
    fillPage(panel, "plan", { extension, title: t("Plan of {0}", name), texts });
  }

  async #receive(shown: Shown, message: unknown): Promise<void> {
    const parsed = fromPlanPageSchema.safeParse(message);
    if (!parsed.success) return;
    switch (parsed.data.type) {
      case "ready":
        shown.isReady = true;
        await this.#draw(shown);
        return;
      case "reveal":
        await this.#reveal(shown, parsed.data.step);
        return;
      case "showProblems":
        await commands.executeCommand("workbench.actions.view.problems");
        return;
    }
  }

  #changed(document: TextDocument): void {
    const shown = this.#open.get(document.uri.toString());
    if (shown) this.#later(shown);
  }

  #later(shown: Shown): void {
    clearTimeout(shown.timer);
    shown.timer = setTimeout(() => {
      this.#draw(shown).catch((error: unknown) => this.#failed(error));
    }, QUIET_MS);
  }

  async #draw({ panel, uri, isReady }: Shown): Promise<void> {
    if (!isReady) return;
    const document = await workspace.openTextDocument(uri);
    const { planMessage } = await import("./plan-message.ts");
    const { version } = document;
    const read = await this.#parts.scenarios.read(document);
    // What has changed since is drawn after it has come to rest.
    if (document.version !== version) return;
    const message: ToPlanPage = planMessage(uri.toString(), read);
    await panel.webview.postMessage(message);
  }

  async #reveal({ panel, uri }: Shown, name: string): Promise<void> {
    const document = await workspace.openTextDocument(uri);
    const { scenario, rangeOf } = await this.#parts.scenarios.read(document);
    const step = scenario.steps.find((one) => one.name === name);
    if (!step) return;
    const { start } = editorRange(rangeOf(step.places.kind));
    const column = window.visibleTextEditors.find((editor) => editor.document === document)?.viewColumn;
    const options = { viewColumn: column ?? ViewColumn.One, selection: new Range(start, start) };
    const shown = window.showTextDocument(document, options);
    // VS Code may learn that the page was clicked after it has shown the file, and makes the page the active editor.
    const late = panel.onDidChangeViewState(() => {
      if (panel.active) void shown.then(() => window.showTextDocument(document, options));
    });
    setTimeout(() => late.dispose(), LATE_FOCUS_MS);
    await shown;
  }

  #failed(error: unknown): void {
    this.#parts.log.error(messageOf(error));
  }
}

/** The file may be gone since. */
async function canBeOpened(uri: Uri): Promise<boolean> {
  try {
    await workspace.openTextDocument(uri);
    return true;
  } catch {
    return false;
  }
}

function editorRange({ start, end }: Place): Range {
  return new Range(start.line, start.column, end.line, end.column);
}
