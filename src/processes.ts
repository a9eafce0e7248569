import { stayLean } from "./cli/heap.ts";

/**
 * The processes and threads beside the editor: dist/cli.js, dist/runner.js and dist/shard.js each begin one of them.
 * They share what they consist of, in dist/processes; a file there is read when an import asks for it.
 */
export const cli = async (): Promise<void> => {
  const [only, ...more] = process.argv.slice(2);
  // Scripts ask often, and all else takes four times as long to read.
  if (more.length === 0 && (only === "--version" || only === "-V")) {
    const { PRODUCT } = await import("./cli/product.ts");
    process.stdout.write(`${PRODUCT}\n`);
    return;
  }
  stayLean();
  await import("./cli/main.ts");
};
export const runner = (): Promise<unknown> => import("./runner/main.ts");
export const shard = async (): Promise<void> => {
  const [{ serveThread }, { probes }] = await Promise.all([
    import("./load/thread-entry.ts"),
    import("./workloads/probes.ts"),
  ]);
  serveThread(probes);
};
