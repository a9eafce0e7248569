import { env, UIKind } from "vscode";

/**
 * Whether a file of this machine opens in a browser or a window of the system: in a browser's or a remote window it is
 * the file of another machine, and asking for it does nothing and says nothing.
 */
export function opensFiles(): boolean {
  return env.uiKind === UIKind.Desktop && env.remoteName === undefined;
}
