import {
  type Disposable,
  EventEmitter,
  Selection,
  type TextDocumentContentProvider,
  TextEditorRevealType,
  Uri,
  window,
  workspace,
} from "vscode";
import { wordsOf } from "../../../l10n/text.ts";
import { errorIn } from "../../../protocol/log-error.ts";
import type { WorkspaceRow } from "../../../protocol/snapshot.ts";
import type { Front } from "../../front/front.ts";
import { LOG_SCHEME } from "../../ids.ts";
import {
  buildAddress,
  errorLineOf,
  type FindRun,
  keptAddress,
  keptText,
  type LogAddress,
  restoredLog,
} from "./kept-logs.ts";

/** Read-only editors for the logs that a run kept of its workspaces. */
export class LogDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: Disposable;
  readonly #find: FindRun;

  /** `find` is asked for the run of a log that was open before the window was loaded anew. */
  constructor(front: Pick<Front, "logs">, find: FindRun) {
    this.#find = find;
    this.#registration = front.logs(this);
  }

  provideTextDocumentContent(uri: Uri): string | Promise<string> {
    return this.#texts.get(uri.toString()) ?? restoredLog(uri, this.#find);
  }

  /** What the run kept: the end of a failed build's log, or the command's output. */
  async show(runId: string, row: WorkspaceRow): Promise<void> {
    await this.#open(keptAddress(runId, row), keptText(row), errorLineOf(row));
  }

  /** The whole build log, as the deployment has it at this moment. */
  async showBuild(runId: string, row: WorkspaceRow, text: string): Promise<void> {
    const block = row.error && errorIn(text, wordsOf(row.error));
    await this.#open(buildAddress(runId, row), text, block?.from);
  }

  /** `line`: where it is to be read from. */
  async #open(address: LogAddress, text: string, line?: number): Promise<void> {
    const uri = Uri.from({ scheme: LOG_SCHEME, ...address });
    const isNew = this.#texts.get(uri.toString()) !== text;
    this.#texts.set(uri.toString(), text);
    const document = await workspace.openTextDocument(uri);
    // An open document is read again only when it is told to have changed.
    if (isNew) this.#changed.fire(uri);
    const editor = await window.showTextDocument(document, { preview: true });
    if (line === undefined || line >= document.lineCount) return;
    const { range } = document.lineAt(line);
    editor.selection = new Selection(range.start, range.start);
    editor.revealRange(range, TextEditorRevealType.InCenter);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
    this.#texts.clear();
  }
}
