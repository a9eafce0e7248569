import { Worker } from "node:worker_threads";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import type { PlaceLink, StartPlace } from "./remote-place.ts";

const YOUNG_MB = 12;
const CLOSE_LIMIT_MS = 5_000;

/** Places that are threads of this process. `script` begins one: dist/shard.js. */
export function threads(script: string): StartPlace {
  return (place, events): PlaceLink => {
    const worker = new Worker(script, {
      name: `shard ${place}`,
      // What opening leaves behind is collected soon, instead of being kept room for; ticks make little garbage.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    worker.on("message", (message: unknown) => events.message(message));
    worker.on("error", (error) => events.died(error as Error));
    worker.on("exit", (code) =>
      events.died(new SaidError(say("the thread ended with status {0}", String(code)))),
    );
    return {
      post: (message) => worker.postMessage(message),
      closed: async () => {
        const limit = setTimeout(() => void worker.terminate(), CLOSE_LIMIT_MS);
        await gone;
        clearTimeout(limit);
      },
      kill: async () => {
        await worker.terminate();
      },
    };
  };
}
