import { type Disposable, env, type Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import * as z from "zod";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import { execute } from "../../commands.ts";
import { PANEL_TYPE } from "../../ids.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { fillPage } from "../../ui/webview-page.ts";
import type { LogDocuments } from "./log-documents.ts";
import { PanelSession } from "./session.ts";

const stateSchema = z.looseObject({ runId: z.string() });

/** The live panels of this window, one for a run. They come back after a reload by their run's id. */
export class Panels implements Disposable {
  readonly #extension: Uri;
  readonly #logs: LogDocuments;
  readonly #texts: PageTexts | undefined;
  readonly #open = new Map<string, WebviewPanel>();
  readonly #serializer: Disposable;

  /** `find` may wait until the runs of the folder have been looked for. */
  constructor(
    extension: Uri,
    logs: LogDocuments,
    texts: PageTexts | undefined,
    find: (runId: string) => Promise<WatchedRun | undefined>,
  ) {
    this.#extension = extension;
    this.#logs = logs;
    this.#texts = texts;
    this.#serializer = window.registerWebviewPanelSerializer(PANEL_TYPE, {
      deserializeWebviewPanel: async (panel, state: unknown) => {
        const kept = stateSchema.safeParse(state);
        const run = kept.success ? await find(kept.data.runId).catch(() => undefined) : undefined;
        if (run) this.#fill(panel, run);
        else panel.dispose();
      },
    });
  }

  show(run: WatchedRun): void {
    const open = this.#open.get(run.id);
    if (open) {
      open.reveal();
      return;
    }
    this.#fill(window.createWebviewPanel(PANEL_TYPE, run.title, ViewColumn.Active), run);
  }

  isVisible(runId: string): boolean {
    return this.#open.get(runId)?.visible ?? false;
  }

  dispose(): void {
    this.#serializer.dispose();
    for (const panel of [...this.#open.values()]) panel.dispose();
  }

  #fill(panel: WebviewPanel, run: WatchedRun): void {
    const session = new PanelSession(run, {
      post: (message) => void panel.webview.postMessage(message),
      openLog: (row) => void this.#logs.show(run.id, row),
      openBuildLog: (row, text) => void this.#logs.showBuild(run.id, row, text),
      signIn: () => void execute("scaletest.signInAgain", run.id),
      copy: (text) => void env.clipboard.writeText(text),
    });
    this.#open.set(run.id, panel);
    panel.webview.onDidReceiveMessage((message: unknown) => session.receive(message));
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#open.get(run.id) === panel) this.#open.delete(run.id);
    });
    fillPage(panel, "webview", { extension: this.#extension, title: run.title, texts: this.#texts });
  }
}
