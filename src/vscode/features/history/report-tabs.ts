import { randomBytes } from "node:crypto";
import { type Disposable, Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import * as z from "zod";
import { t } from "../../../l10n/text.ts";
import type { Front } from "../../front/front.ts";
import { REPORT_TYPE } from "../../ids.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { showError } from "../../ui/show-error.ts";

const stateSchema = z.looseObject({ runId: z.string() });

/** Reports as tabs of the editor, one for a run. They come back after a reload by their run's id. */
export class ReportTabs implements Disposable {
  readonly #extension: Uri;
  readonly #find: (runId: string) => Promise<WatchedRun | undefined>;
  readonly #page: (run: WatchedRun, nonce: string) => Promise<string>;
  readonly #open = new Map<string, { panel: WebviewPanel; run: WatchedRun }>();
  readonly #serializer: Disposable;

  /** `page` makes the report's page, whose scripts and styles carry the nonce. */
  constructor(
    front: Pick<Front, "panels">,
    extension: Uri,
    find: (runId: string) => Promise<WatchedRun | undefined>,
    page: (run: WatchedRun, nonce: string) => Promise<string>,
  ) {
    this.#extension = extension;
    this.#find = find;
    this.#page = page;
    this.#serializer = front.panels(REPORT_TYPE, {
      deserializeWebviewPanel: (panel, state: unknown) => this.#restore(panel, state),
    });
  }

  /** Rejects with one sentence where there is nothing to show of the run. */
  async show(run: WatchedRun): Promise<void> {
    const open = this.#open.get(run.id);
    if (open) {
      open.panel.reveal();
      return;
    }
    const nonce = newNonce();
    const html = await this.#page(run, nonce);
    this.#fill(window.createWebviewPanel(REPORT_TYPE, "", ViewColumn.Active), run, html);
  }

  /** The run whose report is looked at. */
  get active(): WatchedRun | undefined {
    return [...this.#open.values()].find(({ panel }) => panel.active)?.run;
  }

  dispose(): void {
    this.#serializer.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  async #restore(panel: WebviewPanel, state: unknown): Promise<void> {
    const kept = stateSchema.safeParse(state);
    const run = kept.success ? await this.#find(kept.data.runId) : undefined;
    if (!run) {
      panel.dispose();
      return;
    }
    try {
      this.#fill(panel, run, await this.#page(run, newNonce()));
    } catch (error) {
      panel.dispose();
      showError(error);
    }
  }

  #fill(panel: WebviewPanel, run: WatchedRun, html: string): void {
    panel.title = t("Report: {0}", run.title);
    panel.iconPath = {
      light: Uri.joinPath(this.#extension, "media", "panel-light.svg"),
      dark: Uri.joinPath(this.#extension, "media", "panel-dark.svg"),
    };
    // Everything is in the page: it needs no file of the extension.
    panel.webview.options = { enableScripts: true, localResourceRoots: [], enableCommandUris: false };
    this.#open.set(run.id, { panel, run });
    panel.onDidDispose(() => {
      if (this.#open.get(run.id)?.panel === panel) this.#open.delete(run.id);
    });
    panel.webview.html = html;
  }
}

function newNonce(): string {
  return randomBytes(16).toString("base64url");
}
