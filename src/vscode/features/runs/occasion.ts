import { Disposable } from "vscode";
import { runsIn } from "../../../runs/home.ts";
import { hasUnended } from "../../../runs/unended.ts";
import type { Occasion } from "../../front/occasion.ts";
import { editorHome } from "../../home.ts";
import { watchRuns } from "../../model/runs/watch-runs.ts";

/** A run goes on, or has broken off: the status bar shows it, also where the command line started it. */
export const runsOccasion: Occasion = (_, due) => {
  const runs = runsIn(editorHome());
  const look = async () => {
    if (await hasUnended(runs)) due();
  };
  void look();
  return new Disposable(watchRuns(runs, () => void look()));
};
