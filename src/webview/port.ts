import type { FromPanel } from "../protocol/panel.ts";

/** The panel's way to the editor. In VS Code it is the webview's own API; in tests, a recorder. */
export interface Port {
  post(message: FromPanel): void;
  /** Survives hiding and reloading the panel. */
  getState(): unknown;
  setState(state: unknown): void;
}
