import { type Disposable, env, type Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import * as z from "zod";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import type { PanelTarget } from "../../../protocol/panel.ts";
import { execute, setContextKey } from "../../commands.ts";
import type { Front } from "../../front/front.ts";
import { PANEL_TYPE } from "../../ids.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { fillPage } from "../../ui/webview-page.ts";
import type { LogDocuments } from "./log-documents.ts";
import { SecondClick } from "./second-click.ts";
import { PanelSession } from "./session.ts";
import { tabTitle } from "./tab-title.ts";

const stateSchema = z.looseObject({ runId: z.string() });

interface Open {
  panel: WebviewPanel;
  session: PanelSession;
}

/**
 * The live panels of this window, one for a run. They come back after a reload by their run's id. Runs that are over take
 * turns in one panel, until somebody keeps it open.
 */
export class Panels implements Disposable {
  readonly #extension: Uri;
  readonly #logs: LogDocuments;
  readonly #texts: PageTexts | undefined;
  readonly #open = new Map<string, Open>();
  readonly #clicks = new SecondClick();
  /** The run in the panel that the next one takes. */
  #preview: string | undefined;
  readonly #serializer: Disposable;

  /** `find` may wait until the runs of the folder have been looked for. */
  constructor({
    front,
    extension,
    logs,
    texts,
    find,
  }: {
    front: Pick<Front, "panels">;
    extension: Uri;
    logs: LogDocuments;
    texts: PageTexts | undefined;
    find: (runId: string) => Promise<WatchedRun | undefined>;
  }) {
    this.#extension = extension;
    this.#logs = logs;
    this.#texts = texts;
    this.#follow();
    this.#serializer = front.panels(PANEL_TYPE, {
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
    if (this.#clicks.on(run.id)) this.keepOpen(run.id);
    const open = this.#open.get(run.id);
    const isHidden = open?.panel.visible !== true;
    open?.panel.reveal();
    const session = open?.session ?? this.#create(run);
    if (at) session.look(at, isHidden);
  }

  /** The panel of this run is not taken for another any more. */
  keepOpen(runId: string): void {
    if (this.#preview !== runId) return;
    this.#preview = undefined;
    this.#follow();
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

  #create(run: WatchedRun): PanelSession {
    const before = run.active || this.#preview === undefined ? undefined : this.#open.get(this.#preview);
    const column = before?.panel.viewColumn ?? ViewColumn.Active;
    const session = this.#fill(window.createWebviewPanel(PANEL_TYPE, tabTitle(run), column), run);
    if (!run.active) this.#preview = run.id;
    before?.panel.dispose();
    this.#follow();
    return session;
  }

  /** Keep Open is offered for the panel in front. */
  #follow(): void {
    const { active } = this;
    setContextKey("scaletest.panelIsPreview", active !== undefined && active === this.#preview);
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
    panel.onDidChangeViewState(() => this.#follow());
    const unsubscribe = run.changed.on(() => {
      const title = tabTitle(run);
      // Each goes to the window as a message, whether it is new or not.
      if (panel.title !== title) panel.title = title;
    });
    panel.onDidDispose(() => {
      unsubscribe();
      session.dispose();
      if (this.#open.get(run.id)?.panel === panel) this.#open.delete(run.id);
      if (this.#preview === run.id && !this.#open.has(run.id)) this.#preview = undefined;
      this.#follow();
    });
    fillPage(panel, "webview", { extension: this.#extension, title: tabTitle(run), texts: this.#texts });
    return session;
  }
}
