import type { FromPanel } from "../protocol/panel.ts";

/** The panel's way to the editor. In VS Code it is the webview's own API; in tests, a recorder. */
export interface Port {
  /** Outside of an editor, as in a report, a log cannot be opened in one. */
  readonly inEditor: boolean;
  post(message: FromPanel): void;
  /** Survives hiding and reloading the panel. */
  getState(): unknown;
  setState(state: unknown): void;
}
