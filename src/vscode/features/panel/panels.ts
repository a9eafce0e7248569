import { type Disposable, env, type Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import * as z from "zod";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import type { PanelTarget } from "../../../protocol/panel.ts";
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
  readonly #open = new Map<string, { panel: WebviewPanel; session: PanelSession }>();
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

  /** `at`: what of it is to be seen. */
  show(run: WatchedRun, at?: PanelTarget): void {
    const open = this.#open.get(run.id);
    const isHidden = open?.panel.visible !== true;
    open?.panel.reveal();
    const session =
      open?.session ?? this.#fill(window.createWebviewPanel(PANEL_TYPE, run.title, ViewColumn.Active), run);
    if (at) session.look(at, isHidden);
  }

  isVisible(runId: string): boolean {
    return this.#open.get(runId)?.panel.visible ?? false;
  }

  /** The run whose panel is in front; undefined where another editor is. */
  get active(): string | undefined {
    return [...this.#open].find(([, { panel }]) => panel.active)?.[0];
  }

  dispose(): void {
    this.#serializer.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  #fill(panel: WebviewPanel, run: WatchedRun): PanelSession {
    const session = new PanelSession(run, {
      post: (message) => void panel.webview.postMessage(message),
      openLog: (row) => void this.#logs.show(run.id, row),
      openBuildLog: (row, text) => void this.#logs.showBuild(run.id, row, text),
      signIn: () => void execute("scaletest.signInAgain", run.id),
      copy: (text) => void env.clipboard.writeText(text),
    });
    this.#open.set(run.id, { panel, session });
    panel.webview.onDidReceiveMessage((message: unknown) => session.receive(message));
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#open.get(run.id)?.panel === panel) this.#open.delete(run.id);
    });
    fillPage(panel, "webview", { extension: this.#extension, title: run.title, texts: this.#texts });
    return session;
  }
}
