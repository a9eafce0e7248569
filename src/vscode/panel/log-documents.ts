import { type Disposable, type TextDocumentContentProvider, Uri, window, workspace } from "vscode";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";

const SCHEME = "scaletest-log";

/** Read-only editors for the logs that a run kept of its workspaces. */
export class LogDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registration = workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.path) ?? "This log is not kept any more.";
  }

  async show(runId: string, row: WorkspaceRow): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${runId}/${row.name}.log` });
    const error = row.error ? `${row.error}\n\n` : "";
    this.#texts.set(uri.path, `${error}${row.log ?? ""}`);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#texts.clear();
  }
}
