import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from "vscode";
import type { CommandId } from "../../../ids.ts";
import type { RunList } from "../../../model/runs/run-list.ts";
import type { Unsubscribe } from "../../../signal.ts";
import { type StatusContent, statusOf, verdictStatus } from "./text.ts";

const LINKS: CommandId[] = [
  "scaletest.showPanel",
  "scaletest.stop",
  "scaletest.stopAndKeep",
  "scaletest.endRunner",
  "scaletest.signInAgain",
];
const VERDICT_SHOWN_MS = 60_000;
const REDRAW_MS = 500;

/** Progress in the status bar; a click shows the panel, the tooltip has the ways to stop. */
export class StatusItem implements Disposable {
  readonly #item = window.createStatusBarItem("run", StatusBarAlignment.Left, 40);
  readonly #runs: RunList;
  readonly #unsubscribe: Unsubscribe[];
  #verdict: { content: StatusContent; timer: ReturnType<typeof setTimeout> } | undefined;
  #redraw: ReturnType<typeof setTimeout> | undefined;

  constructor(runs: RunList) {
    this.#runs = runs;
    this.#item.name = "Scale Test";
    const command: CommandId = "scaletest.showPanel";
    this.#item.command = command;
    this.#unsubscribe = [
      runs.changed.on(() => {
        this.#redraw ??= setTimeout(() => this.#draw(), REDRAW_MS);
      }),
      runs.finished.on((run) => {
        const content = verdictStatus(run);
        if (content) this.#showVerdict(content);
      }),
    ];
    this.#draw();
  }

  dispose(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    clearTimeout(this.#verdict?.timer);
    clearTimeout(this.#redraw);
    this.#item.dispose();
  }

  #showVerdict(content: StatusContent): void {
    clearTimeout(this.#verdict?.timer);
    const timer = setTimeout(() => {
      this.#verdict = undefined;
      this.#draw();
    }, VERDICT_SHOWN_MS);
    this.#verdict = { content, timer };
    this.#draw();
  }

  #draw(): void {
    this.#redraw = undefined;
    const content = statusOf(this.#runs.list()) ?? this.#verdict?.content;
    if (!content) {
      this.#item.hide();
      return;
    }
    this.#item.text = content.text;
    this.#item.accessibilityInformation = { label: content.spoken, role: "button" };
    this.#item.backgroundColor = content.background
      ? new ThemeColor(`statusBarItem.${content.background}Background`)
      : undefined;
    const tooltip = new MarkdownString(content.tooltip, true);
    tooltip.isTrusted = { enabledCommands: LINKS };
    this.#item.tooltip = tooltip;
    this.#item.show();
  }
}
