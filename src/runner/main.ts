import { productHome } from "../runs/home.ts";
import { Runner } from "./server/runner.ts";

/** `node dist/runner.js <folder of the run>`: started by runner/client, never by a person. */
async function main(): Promise<void> {
  const folder = process.argv[2];
  if (!folder) throw new Error("the runner needs the folder of its run");
  const runner = await Runner.open(folder, { dist: __dirname, home: productHome() });
  // SIGTERM is Ctrl-C: stop, clean up, then end. SIGHUP and SIGINT come from a terminal that is not ours.
  process.on("SIGTERM", () => runner.stop(false));
  process.on("SIGINT", () => runner.stop(false));
  process.on("SIGHUP", () => undefined);
  process.on("unhandledRejection", (reason) => {
    console.error(`internal error: ${reason instanceof Error ? (reason.stack ?? reason.message) : reason}`);
  });
  process.stdout.write("ready\n");
  process.stdout.on("error", () => undefined);
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(reason);
  // The log may be on the disk that is full.
  process.stdout.write(`${reason.replaceAll("\n", " ")}\n`, () => process.exit(1));
});
