import { watch } from "node:fs";
import { makeFolder } from "../../../runs/make-folder.ts";
import type { Unsubscribe } from "../../signal.ts";

/** How often the folder is looked at where it cannot be watched: too many watches, some network drives, none there. */
const LOOK_EVERY_MS = 2_000;

/** Calls back, a moment after, when a run is added to the folder by whoever it may be. */
export function watchRuns(runs: string, changed: () => void): Unsubscribe {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: () => void;
  const poll = () => {
    const look = setInterval(changed, LOOK_EVERY_MS);
    stop = () => clearInterval(look);
  };
  try {
    makeFolder(runs);
    const watcher = watch(runs, { persistent: false }, () => {
      clearTimeout(timer);
      timer = setTimeout(changed, 300);
    });
    stop = () => watcher.close();
    watcher.on("error", () => {
      watcher.close();
      poll();
    });
  } catch {
    poll();
  }
  return () => {
    clearTimeout(timer);
    stop();
  };
}
