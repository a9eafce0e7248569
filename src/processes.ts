import { stayLean } from "./cli/heap.ts";

/**
 * The processes and threads beside the editor: dist/cli.js, dist/runner.js and dist/shard.js each begin one of them.
 * They share what they consist of, in dist/processes; a file there is read when an import asks for it.
 */
export const cli = (): Promise<unknown> => {
  stayLean();
  return import("./cli/main.ts");
};
export const runner = (): Promise<unknown> => import("./runner/main.ts");
export const shard = async (): Promise<void> => {
  const [{ serveThread }, { probes }] = await Promise.all([
    import("./load/thread-entry.ts"),
    import("./workloads/probes.ts"),
  ]);
  serveThread(probes);
};
