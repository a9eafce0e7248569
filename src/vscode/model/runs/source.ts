import type { RunPlaces } from "../../../app/start.ts";
import { t } from "../../../l10n/text.ts";
import { homeProblem, inFolder } from "./home-problem.ts";
import type { RunSource } from "./run-list.ts";

export interface EditorPlaces extends RunPlaces {
  /** The product's folder. */
  home: string;
}

const CLIENT = "editor";

/**
 * Runs as they are: folders, and runners behind local sockets. What speaks to them is loaded when it is first
 * needed: most windows never run a test.
 */
export function runSource(places: EditorPlaces): RunSource {
  return {
    start: async (run) => {
      const problem = homeProblem(places.home);
      if (problem) throw new Error(problem);
      const { start } = await import("../../../app/start.ts");
      const { home, ...others } = places;
      // Reloading the window or closing the editor does not end a run.
      return inFolder(home, () => start(others, run, { client: CLIENT, endWithClient: false }));
    },
    attach: async (folder) => {
      const { RunnerConnection } = await import("../../../runner/client/connection.ts");
      return RunnerConnection.attach(folder, CLIENT);
    },
    list: () =>
      inFolder(places.home, async () => (await import("../../../runs/run-list.ts")).listRuns(places.runs)),
    read: async (folder) => (await runFiles()).readRunFile(folder),
    remains: async (folder) => (await import("../../../app/runs/left.ts")).leftIn(folder),
    isAlive: async (folder) => {
      const { runnerListens } = await import("../../../runner/client/alive.ts");
      return runnerListens(await (await runFiles()).readRunHead(folder));
    },
    isDismissed: async (folder) => (await runFiles()).isDismissed(folder),
    // A person who was told what it has left has said that it may go.
    dismiss: async (folder) => (await import("../../../app/runs/put-away.ts")).dismiss({ folder }, true),
    kill: async (folder) => {
      const { pid } = (await (await runFiles()).readRunHead(folder)).runner;
      if (pid === undefined) throw new Error(t("The runner's process is not known"));
      process.kill(pid, "SIGKILL");
    },
    problem: () => homeProblem(places.home),
    records: {
      final: async (folder) => (await records()).readRecord(folder),
      series: async (folder) => (await records()).readSeries(folder),
    },
  };
}

const records = () => import("../../../app/runs/record.ts");
const runFiles = () => import("../../../runs/run-file.ts");
