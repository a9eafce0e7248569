import type { RunRequest } from "../../ask/run-request.ts";
import { feature } from "../../commands.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Parts } from "../../parts.ts";
import { provideTasks } from "./provider.ts";

/** What is used of others. */
interface Others {
  /** Resolves with the run's id; undefined where it was not begun. */
  workload(workload: string, request: RunRequest): Promise<string | undefined>;
  /** Writes what went wrong in a run; resolves with lines for the problem matcher, none where nothing did. */
  problems(run: WatchedRun): Promise<string[]>;
}

/** Runs as tasks of a project. */
export function registerTasks({ runs, session, context, front }: Parts, { workload, problems }: Others) {
  const provider = provideTasks({
    ...{ front, runs },
    problems,
    start: (task) => workload(task.workload, task.request),
    // What was asked for last on each deployment that is still signed in to.
    suggestions: async () => {
      const { suggestedTasks } = await import("./suggestions.ts");
      const urls = session.store.list().map(({ url }) => url);
      return suggestedTasks(urls, context.globalState);
    },
  });
  return feature({}, provider);
}
