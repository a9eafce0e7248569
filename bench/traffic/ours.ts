// One shard of the product, as it runs in its thread: schedule, echo matching, integrity and histograms on.

import { readFileSync } from "node:fs";
import { DurationHistogram } from "../../src/metrics/histogram.ts";
import { addSpread } from "../../src/workloads/workspace-traffic/figures.ts";
import { now } from "../../src/measure/clock.ts";
import type { FromShard, ShardSecond } from "../../src/workloads/workspace-traffic/shard/messages.ts";
import { Shard } from "../../src/workloads/workspace-traffic/shard/shard.ts";
import { addTicks, noTicks } from "../../src/workloads/workspace-traffic/shard/tally.ts";
import { flags, resident, sleep } from "./measure.mjs";

/** A function: top-level await is not for the format that ssh2 can be bundled in. */
async function main(): Promise<void> {
  const { url, ca, connections, bytes, hz, seconds, warm } = flags();
  const counts = noTicks();
  const trips = new DurationHistogram();
  let opened = 0;
  let lateness = 0;
  const failures: string[] = [];
  const origin = url.replace("ws", "http");
  const network = ca ? { ca: [readFileSync(ca, "utf8")] } : {};

  const shard = new Shard(
    {
      shard: 0,
      shards: 1,
      target: { url: origin, token: "", network },
      connections,
      bytes,
      intervalMs: hz > 0 ? 1_000 / hz : 1e9,
      echo: "raw",
      seed: 1,
      reconnect: false,
      drainMs: 5_000,
      openTimeoutMs: 30_000,
      epoch: now(),
      lateMs: 10,
      injectLatenessMs: 0,
      ssh: undefined,
    },
    (message: FromShard) => {
      if (message.type === "opened") opened++;
      else if (message.type === "failed") failures.push(message.failure.message);
      else if (message.type === "second") second(message);
    },
  );

  function second({ kinds, latenessP99Ms }: ShardSecond): void {
    const measured = kinds.app?.measured;
    if (!measured) return;
    addTicks(counts, measured.counts);
    addSpread(trips, measured.roundTrip);
    lateness = Math.max(lateness, latenessP99Ms);
  }

  const open = (id: number) =>
    shard.take({ type: "open", id, index: id, address: { kind: "app", url, token: "" } });
  // What the first one brings with it is the program's, not a connection's.
  open(connections);
  while (opened === 0 && failures.length === 0) await sleep(50);
  const before = await resident();
  opened = 0;
  for (let id = 0; id < connections; id++) open(id);
  while (opened + failures.length < connections) await sleep(50);
  if (failures.length > 0) throw new Error(`${failures.length} failed: ${failures[0]}`);
  const rss = (await resident()) - before;
  if (hz === 0) {
    await sleep(seconds * 1_000);
    const held = await resident();
    console.log(JSON.stringify({ rssPerConnection: (held - before) / connections, rss: held }));
    process.exit(0);
  }
  await sleep(warm * 1_000);
  const from = now() + 50;
  const ids = Array.from({ length: connections }, (_, id) => id);
  shard.take({ type: "window", ids, window: { from, until: from + seconds * 1_000 } });
  await sleep(from - now());
  const cpu = process.cpuUsage();
  await sleep(seconds * 1_000);
  const used = process.cpuUsage(cpu);
  await sleep(1_500);
  shard.close();
  const { p50, p99, max } = trips.percentiles();
  console.log(
    JSON.stringify({
      ticks: counts.due,
      echoed: counts.echoed,
      missed: counts.skipped + counts.blocked + counts.down,
      faults: counts.lost + counts.wrong + counts.bytesExtra,
      cpuUs: (used.user + used.system) / Math.max(1, counts.due),
      latenessP99: lateness,
      p50,
      p99,
      max,
      rssPerConnection: rss / connections,
    }),
  );
  process.exit(0);
}

void main();
