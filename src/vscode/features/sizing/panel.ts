import { type Disposable, type Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import { t } from "../../../l10n/text.ts";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import {
  type FromSizingPage,
  fromSizingPageSchema,
  type ToSizingPage,
} from "../../../protocol/sizing-page.ts";
import { say } from "../../../text/message.ts";
import { type Log, messageOf } from "../../host.ts";
import { SIZING_TYPE } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { fillPage } from "../../ui/webview-page.ts";
import type { Has } from "./answer.ts";

export interface SizingPanelParts {
  extension: Uri;
  texts: PageTexts | undefined;
  log: Log;
  deployments(): readonly KnownDeployment[];
  /** Asks a deployment what it has. Rejects with one sentence where it does not say. */
  inspect(url: string): Promise<Has>;
}

/** The page that says what a deployment needs: one for a window, answered anew as somebody types. */
export class SizingPanel implements Disposable {
  readonly #parts: SizingPanelParts;
  /** Asked once for each deployment, as long as the page is open. */
  readonly #known = new Map<string, Promise<Has>>();
  #panel: WebviewPanel | undefined;

  constructor(parts: SizingPanelParts) {
    this.#parts = parts;
  }

  show(): void {
    if (this.#panel) return this.#panel.reveal();
    const panel = window.createWebviewPanel(SIZING_TYPE, "", ViewColumn.Active, {
      retainContextWhenHidden: true,
    });
    this.#panel = panel;
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#known.clear();
    });
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const read = fromSizingPageSchema.safeParse(message);
      if (!read.success) return;
      this.#answer(read.data).then(
        (answer) => void panel.webview.postMessage(answer),
        (error: unknown) => this.#parts.log.error(messageOf(error)),
      );
    });
    const { extension, texts } = this.#parts;
    fillPage(panel, "sizing", { extension, title: t("Plan a Deployment"), texts });
  }

  async #answer(message: FromSizingPage): Promise<ToSizingPage> {
    const { FIRST_INPUT, sizingOf } = await import("./answer.ts");
    if (message.type === "ready") {
      const deployments = this.#parts.deployments().map(({ url }) => ({ url, host: hostOf(url) }));
      return { type: "begin", input: FIRST_INPUT, deployments };
    }
    const { request, input, url } = message;
    const found = url === undefined ? undefined : await this.#has(url);
    const has = found && "replicas" in found ? found : undefined;
    return {
      ...{ type: "sizing", request, ...sizingOf(input, has) },
      ...(found && "problem" in found ? { deployment: say("{0}", found.problem) } : {}),
    };
  }

  async #has(url: string): Promise<Has | { problem: string }> {
    const asked = this.#known.get(url) ?? this.#parts.inspect(url);
    this.#known.set(url, asked);
    try {
      return await asked;
    } catch (error) {
      this.#known.delete(url);
      return { problem: messageOf(error) };
    }
  }

  dispose(): void {
    this.#panel?.dispose();
  }
}
