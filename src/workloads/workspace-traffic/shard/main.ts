import { parentPort, workerData } from "node:worker_threads";
import type { FromShard, ShardSetup, ToShard } from "./messages.ts";
import { Shard } from "./shard.ts";

/** Entry of dist/shard.js: a worker thread that the run's main thread starts. */
const port = parentPort;
if (port) {
  const shard = new Shard(workerData as ShardSetup, (message: FromShard) => port.postMessage(message));
  port.on("message", (message: ToShard) => {
    shard.take(message);
    if (message.type === "close") setTimeout(() => port.close(), 100);
  });
}
