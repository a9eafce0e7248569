import type { ExtensionContext } from "vscode";
import type { ScaleTestApi } from "./vscode/features/api/types.ts";
import { openFront } from "./vscode/front/front.ts";

/** Runs go on when the window closes; everything else is disposed with the context. */
export function activate(context: ExtensionContext): ScaleTestApi {
  return openFront(context, () => import("./vscode/wiring.ts"));
}
