import { Disposable } from "vscode";
import type { Occasion } from "../../front/occasion.ts";
import { OWN_SANDBOX_KEY } from "./own-sandbox-key.ts";

/** An earlier window was signed in to a sandbox of its own, which ended with it: that is signed out of. */
export const sandboxOccasion: Occasion = ({ globalState }, due) => {
  if (globalState.get(OWN_SANDBOX_KEY)) due();
  return new Disposable(() => undefined);
};
