import { isDoneHere } from "../cli/front/here.ts";
import { staySmall } from "../cli/heap.ts";
import { orUnreadable } from "./unreadable.ts";

/**
 * dist/cli.js. What follows a run is in this very file, which is all that is read for it: one file instead of many, and no
 * modules of ECMAScript, are four megabytes less for as long as the run goes on.
 */
async function begin(argv: readonly string[]): Promise<void> {
  if (isDoneHere(argv)) return (await import("../processes.ts")).command(argv);
  staySmall();
  return (await import("../cli/front/main.ts")).front(argv);
}

orUnreadable(begin(process.argv.slice(2)), process.stderr, "coder-scaletest: ");
