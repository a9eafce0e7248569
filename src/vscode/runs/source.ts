import { watch } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { t } from "../../l10n/text.ts";
import type { Left } from "../../protocol/left.ts";
import { makeFolder } from "../../runs/make-folder.ts";
import type { Unsubscribe } from "../signal.ts";
import { homeProblem, inFolder } from "./home-problem.ts";
import type { RunSource } from "./run-list.ts";

export interface RunPlaces {
  /** The product's folder. */
  home: string;
  /** The folder of runs. */
  runs: string;
  /** dist/runner.js */
  runnerPath: string;
  product: string;
}

const CLIENT = "editor";

/**
 * Runs as they are: folders, and runners behind local sockets. What speaks to them is loaded when it is first
 * needed: most windows never run a test.
 */
export function runSource(places: RunPlaces): RunSource {
  return {
    start: async (run) => {
      const problem = homeProblem(places.home);
      if (problem) throw new Error(problem);
      const { startRun } = await import("../../runner/client/start.ts");
      return inFolder(places.home, () =>
        startRun({
          guard: { tag: "production", limits: {} },
          ...run,
          runs: places.runs,
          runnerPath: places.runnerPath,
          product: places.product,
          client: CLIENT,
          // Reloading the window or closing the editor does not end a run.
          endWithClient: false,
        }),
      );
    },
    attach: async (folder) => {
      const { RunnerConnection } = await import("../../runner/client/connection.ts");
      return RunnerConnection.attach(folder, CLIENT);
    },
    list: () => inFolder(places.home, async () => (await runFiles()).listRuns(places.runs)),
    read: async (folder) => (await runFiles()).readRunFile(folder),
    remains: (folder) => leftIn(folder),
    isAlive: async (folder) => {
      const { runnerListens } = await import("../../runner/client/alive.ts");
      return runnerListens(await (await runFiles()).readRunFile(folder));
    },
    isDismissed: async (folder) => (await runFiles()).isDismissed(folder),
    dismiss: async (folder) => {
      const { DISMISSED_FILE } = await runFiles();
      await writeFile(path.join(folder, DISMISSED_FILE), "", { mode: 0o600 });
    },
    kill: async (folder) => {
      const { pid } = (await (await runFiles()).readRunFile(folder)).runner;
      if (pid === undefined) throw new Error(t("The runner's process is not known"));
      process.kill(pid, "SIGKILL");
    },
    problem: () => homeProblem(places.home),
    records: {
      final: async (folder) => (await finals()).readFinal(folder),
      samples: async (folder) => (await finals()).readSamples(folder),
    },
  };
}

/** By folder: a journal that has not changed is not read again for every line of the history. */
const knownLeft = new Map<string, { changed: number; size: number; left: Left }>();

async function leftIn(folder: string): Promise<Left> {
  const { mtimeMs: changed, size } = await stat(path.join(folder, (await runFiles()).JOURNAL_FILE)).catch(
    () => ({ mtimeMs: 0, size: 0 }),
  );
  const known = knownLeft.get(folder);
  if (known?.changed === changed && known.size === size) return known.left;
  const left = await (await import("../../runs/left.ts")).readLeft(folder);
  knownLeft.set(folder, { changed, size, left });
  return left;
}

const finals = () => import("../../runs/final.ts");
const runFiles = () => import("../../runs/run-file.ts");

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
