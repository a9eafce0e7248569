import { parentPort } from "node:worker_threads";
import type { ProbeKind } from "./probe.ts";
import { PlaceServer } from "./serve.ts";

/** For the last messages to be on their way. */
const LINGER_MS = 100;

/** Makes this worker thread a place, which can run the probes of these kinds. */
export function serveThread(kinds: readonly ProbeKind[]): void {
  const port = parentPort;
  if (!port) return;
  const server = new PlaceServer(kinds, (message) => port.postMessage(message));
  port.on("message", (message: unknown) => {
    if (server.take(message) === "close") setTimeout(() => port.close(), LINGER_MS);
  });
}
