import {
  type Disposable,
  EventEmitter,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from "vscode";
import { t } from "../../l10n/text.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";

const SCHEME = "scaletest-log";

/** Read-only editors for the logs that a run kept of its workspaces. */
export class LogDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.path) ?? t("This log is not kept any more.");
  }

  /** What the run kept: the end of a failed build's log, or the command's output. */
  async show(runId: string, row: WorkspaceRow): Promise<void> {
    const error = row.error ? `${row.error}\n\n` : "";
    await this.#open(`/${runId}/${row.name}.log`, `${error}${row.log ?? ""}`);
  }

  /** The whole build log, as the deployment has it at this moment. */
  async showBuild(runId: string, row: WorkspaceRow, text: string): Promise<void> {
    await this.#open(`/${runId}/${row.name}.build.log`, text);
  }

  async #open(path: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path });
    const isNew = this.#texts.get(path) !== text;
    this.#texts.set(path, text);
    const document = await workspace.openTextDocument(uri);
    // An open document is read again only when it is told to have changed.
    if (isNew) this.#changed.fire(uri);
    await window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
    this.#texts.clear();
  }
}
