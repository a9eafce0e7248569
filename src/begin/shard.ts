/** dist/shard.js: a thread of a runner, which hears of its errors. */
import("../processes.ts").then(({ shard }) => shard());
