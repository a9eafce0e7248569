import { type Disposable, env, type Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import type { PageRun } from "../../../app/compare/compare.ts";
import { plural, t } from "../../../l10n/text.ts";
import {
  comparePageStateSchema,
  type FromComparePage,
  fromComparePageSchema,
  type ToComparePage,
} from "../../../protocol/compare-page.ts";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import type { RunEntry } from "../../../runs/run-list.ts";
import type { Front } from "../../front/front.ts";
import { type Log, messageOf } from "../../host.ts";
import { COMPARISON_TYPE } from "../../ids.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { showError } from "../../ui/show-error.ts";
import { fillPage } from "../../ui/webview-page.ts";
import { EDITOR } from "../../wording.ts";
import { finalOf } from "./final.ts";

export interface ComparisonParts {
  front: Pick<Front, "panels">;
  extension: Uri;
  texts: PageTexts | undefined;
  log: Log;
  /** Rejects with one sentence where a newer version made the run. */
  find(runId: string): Promise<WatchedRun | undefined>;
  /** Every run of the folder, for the trend. */
  stored(): Promise<RunEntry[]>;
  /** Shows the panel of a run. */
  show(runId: string): PromiseLike<unknown>;
}

interface Shown {
  panel: WebviewPanel;
  runs: readonly PageRun[];
  /** undefined: the usual one. */
  baseline: string | undefined;
}

/** Comparisons as tabs of the editor, one for each set of runs. They come back after a reload by the runs' ids. */
export class ComparisonTabs implements Disposable {
  readonly #parts: ComparisonParts;
  readonly #open = new Map<string, Shown>();
  readonly #serializer: Disposable;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
    this.#serializer = parts.front.panels(COMPARISON_TYPE, {
      deserializeWebviewPanel: (panel, state: unknown) => this.#restore(panel, state),
    });
  }

  /** Rejects with one sentence where there is nothing to show of one of the runs. */
  async show(ids: readonly string[]): Promise<void> {
    const open = this.#open.get(keyOf(ids));
    if (open) {
      open.panel.reveal();
      return;
    }
    const runs = await this.#read(ids);
    if (runs.length < 2) throw new Error(t("Choose two runs or more to compare"));
    this.#fill(window.createWebviewPanel(COMPARISON_TYPE, "", ViewColumn.Active), runs, undefined);
  }

  dispose(): void {
    this.#serializer.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  /** Of the runs that are still there; one alone is nothing to compare. */
  async #restore(panel: WebviewPanel, state: unknown): Promise<void> {
    const kept = comparePageStateSchema.safeParse(state);
    try {
      const runs = kept.success ? await this.#read(kept.data.runs) : [];
      if (kept.success && runs.length >= 2) this.#fill(panel, runs, kept.data.baseline);
      else panel.dispose();
    } catch (error) {
      panel.dispose();
      showError(error);
    }
  }

  /** What can be known of each, from its folder; runs that are not there any more are left out. */
  async #read(ids: readonly string[]): Promise<PageRun[]> {
    const found = await Promise.all(ids.map((id) => this.#parts.find(id)));
    // It knows every workload: that is loaded where it is asked for.
    const { readKnown } = await import("../../../app/compare/known.ts");
    return Promise.all(
      found
        .filter((run) => run !== undefined)
        .map(async (run) => {
          const final = await finalOf(run);
          const { product } = run.file;
          return { final, product, known: await readKnown(run.folder, final.whole) };
        }),
    );
  }

  #fill(panel: WebviewPanel, runs: readonly PageRun[], baseline: string | undefined): void {
    const shown: Shown = { panel, runs, baseline };
    const ids = runs.map(({ final }) => final.whole.run.id);
    const key = keyOf(ids);
    this.#open.set(key, shown);
    panel.onDidDispose(() => {
      if (this.#open.get(key) === shown) this.#open.delete(key);
    });
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const read = fromComparePageSchema.safeParse(message);
      if (!read.success) return;
      this.#receive(shown, read.data).catch((error: unknown) => {
        this.#parts.log.error(messageOf(error));
        showError(error);
      });
    });
    const { extension, texts } = this.#parts;
    fillPage(panel, "compare", { extension, title: t("Compare {0}", nameOf(ids)), texts });
  }

  async #receive(shown: Shown, message: FromComparePage): Promise<void> {
    switch (message.type) {
      case "ready":
        await this.#sendComparison(shown);
        await this.#sendTrend(shown);
        return;
      case "baseline":
        shown.baseline = message.run;
        await this.#sendComparison(shown);
        return;
      case "copy":
        await env.clipboard.writeText(await markdownOf(shown));
        await this.#send(shown, { type: "copied" });
        return;
      case "open":
        await this.#parts.show(message.run);
        return;
    }
  }

  async #sendComparison(shown: Shown): Promise<void> {
    const { comparisonPage } = await import("../../../app/compare/page.ts");
    await this.#send(shown, comparisonPage(shown.runs, shown.baseline, EDITOR));
  }

  async #sendTrend(shown: Shown): Promise<void> {
    const [{ byTime }, { readTrend }] = await Promise.all([
      import("../../../app/compare/page.ts"),
      import("../../../app/compare/trend.ts"),
    ]);
    const newest = byTime(shown.runs).at(-1);
    const points = newest?.known
      ? await readTrend(newest.known.test, newest.final.whole, await this.#parts.stored())
      : [];
    await this.#send(shown, { type: "trend", points });
  }

  async #send({ panel }: Shown, message: ToComparePage): Promise<void> {
    await panel.webview.postMessage(message);
  }
}

async function markdownOf({ runs, baseline }: Shown): Promise<string> {
  const [{ baselineFirst, usualBaseline }, { comparisonMarkdown }] = await Promise.all([
    import("../../../app/compare/page.ts"),
    import("../../../app/compare/table.ts"),
  ]);
  return comparisonMarkdown(baselineFirst(runs, baseline ?? usualBaseline(runs)), EDITOR);
}

function keyOf(ids: readonly string[]): string {
  return [...ids].sort().join();
}

function nameOf(ids: readonly string[]): string {
  return ids.length > 2
    ? plural(ids.length - 1, { one: "{1} and {0} more", other: "{1} and {0} more" }, ids[0] ?? "")
    : t("{0} and {1}", ids[0] ?? "", ids[1] ?? "");
}
