import { stayLean } from "./cli/heap.ts";

/**
 * The processes and threads beside the editor, as src/begin begins them: dist/cli.js, dist/worker.js, dist/runner.js and
 * dist/shard.js. They share what they consist of, in dist/processes; a file there is read when an import asks for it.
 */

/** A command that is done by the process that was called. */
export const command = async (argv: readonly string[]): Promise<void> => {
  const [only, ...more] = argv;
  // Scripts ask often, and all else takes four times as long to read.
  if (more.length === 0 && (only === "--version" || only === "-V")) {
    const { PRODUCT } = await import("./cli/product.ts");
    process.stdout.write(`${PRODUCT}\n`);
    return;
  }
  stayLean();
  await (await import("./cli/main.ts")).command(argv);
};
export const worker = async (): Promise<void> => (await import("./cli/worker/main.ts")).work();
export const runner = (): Promise<unknown> => import("./runner/main.ts");
export const shard = async (): Promise<void> => {
  const [{ serveThread }, { probes }] = await Promise.all([
    import("./load/thread-entry.ts"),
    import("./workloads/probes.ts"),
  ]);
  serveThread(probes);
};
