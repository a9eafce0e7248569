import { type Disposable, type Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import { t } from "../../../l10n/text.ts";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import {
  type FromSizingPage,
  fromSizingPageSchema,
  type MeasuredChoice,
  type Sizing,
  type ToSizingPage,
} from "../../../protocol/sizing-page.ts";
import type { WeeklyPeak } from "../../../protocol/weekly-peak.ts";
import { say } from "../../../text/message.ts";
import { type Log, messageOf } from "../../host.ts";
import { SIZING_TYPE } from "../../ids.ts";
import { deploymentName } from "../../model/deployments/origin.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { fillPage } from "../../ui/webview-page.ts";
import type { Has } from "./answer.ts";
import type { Measured } from "./measured.ts";

export interface SizingPanelParts {
  extension: Uri;
  texts: PageTexts | undefined;
  log: Log;
  deployments(): readonly KnownDeployment[];
  /** Asks a deployment what it has. Rejects with one sentence where it does not say. */
  inspect(url: string): Promise<Has>;
  /** Whether a Prometheus server is connected for a deployment. */
  hasPeak(url: string): boolean;
  /** The highest of the last seven days. Rejects with one sentence. */
  peak(url: string): Promise<WeeklyPeak>;
  /** Runs of a deployment that a plan can be calibrated by, the newest first. */
  runs(url: string): Promise<MeasuredChoice[]>;
  /** What one of them has measured. Rejects with one sentence. */
  measured(run: string): Promise<Measured>;
}

/** A run that a plan is begun from. */
export interface PlannedFrom {
  run: MeasuredChoice;
  url: string;
}

/** The page that says what a deployment needs: one for a window, answered anew as somebody types. */
export class SizingPanel implements Disposable {
  readonly #parts: SizingPanelParts;
  /** Asked once, as long as the page is open. */
  readonly #has: Once<Has>;
  readonly #peaks: Once<WeeklyPeak>;
  readonly #runs: Once<MeasuredChoice[]>;
  readonly #measured: Once<Measured>;
  #panel: WebviewPanel | undefined;
  /** Until the page is drawn. */
  #from: PlannedFrom | undefined;

  constructor(parts: SizingPanelParts) {
    this.#parts = parts;
    this.#has = new Once((url) => parts.inspect(url));
    this.#peaks = new Once((url) => parts.peak(url));
    this.#runs = new Once((url) => parts.runs(url));
    this.#measured = new Once((run) => parts.measured(run));
  }

  show(from?: PlannedFrom): void {
    if (this.#panel) {
      this.#panel.reveal();
      // A run that ended since then may be the one.
      this.#runs.clear();
      if (from) this.#post({ type: "from", ...from });
      return;
    }
    this.#from = from;
    const panel = window.createWebviewPanel(SIZING_TYPE, "", ViewColumn.Active, {
      retainContextWhenHidden: true,
    });
    this.#panel = panel;
    panel.onDidDispose(() => {
      this.#panel = undefined;
      for (const once of [this.#has, this.#peaks, this.#runs, this.#measured]) once.clear();
    });
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const read = fromSizingPageSchema.safeParse(message);
      if (!read.success) return;
      this.#answer(read.data).catch((error: unknown) => this.#parts.log.error(messageOf(error)));
    });
    const { extension, texts } = this.#parts;
    fillPage(panel, "sizing", { extension, title: t("Plan a Deployment"), texts });
  }

  #post(message: ToSizingPage): void {
    void this.#panel?.webview.postMessage(message);
  }

  async #answer(message: FromSizingPage): Promise<void> {
    if (message.type === "input") return this.#post(await this.#sizing(message));
    const { FIRST_INPUT } = await import("./answer.ts");
    const deployments = this.#parts
      .deployments()
      .map((one) => ({ url: one.url, host: deploymentName(one), hasPeak: this.#parts.hasPeak(one.url) }));
    this.#post({ type: "begin", input: FIRST_INPUT, deployments });
    if (this.#from) this.#post({ type: "from", ...this.#from });
    this.#from = undefined;
  }

  async #sizing(asked: Extract<FromSizingPage, { type: "input" }>): Promise<Sizing> {
    const { request, input, url, measured: run, peak: wantsPeak } = asked;
    const [{ sizingOf }, has, peak, runs, measured] = await Promise.all([
      import("./answer.ts"),
      this.#has.of(url),
      this.#peaks.of(wantsPeak ? url : undefined),
      this.#runs.of(url),
      this.#measured.of(run),
    ]);
    return {
      ...{ type: "sizing", request, runs: runs.found ?? [] },
      ...sizingOf(input, has.found, { measured: measured.found, peak: peak.found }),
      ...(has.problem ? { deployment: say("{0}", has.problem) } : {}),
      ...(peak.problem ? { peakProblem: say("{0}", peak.problem) } : {}),
      ...(measured.problem ? { measuredProblem: say("{0}", measured.problem) } : {}),
    };
  }

  dispose(): void {
    this.#panel?.dispose();
  }
}

/** What was asked for a name, and is not asked again; what could not be answered is. */
class Once<T> {
  readonly #ask: (name: string) => Promise<T>;
  readonly #asked = new Map<string, Promise<T>>();

  constructor(ask: (name: string) => Promise<T>) {
    this.#ask = ask;
  }

  /** Never rejects: `problem` is one sentence. */
  async of(name: string | undefined): Promise<{ found?: T; problem?: string }> {
    if (name === undefined) return {};
    const asked = this.#asked.get(name) ?? this.#ask(name);
    this.#asked.set(name, asked);
    try {
      return { found: await asked };
    } catch (error) {
      this.#asked.delete(name);
      return { problem: messageOf(error) };
    }
  }

  clear(): void {
    this.#asked.clear();
  }
}
