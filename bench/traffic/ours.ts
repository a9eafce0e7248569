// One place of the product, as it runs in its thread: schedule, echo matching, integrity and histograms on.

import { readFileSync } from "node:fs";
import type { FromPlace, PlaceSecond } from "../../src/load/messages.ts";
import { PlaceServer } from "../../src/load/serve.ts";
import { now } from "../../src/measure/clock.ts";
import { Durations } from "../../src/measure/durations.ts";
import { Sum } from "../../src/measure/totals.ts";
import { probes } from "../../src/workloads/probes.ts";
import { flags, resident, sleep } from "./measure.mjs";

/** A function: top-level await is not for the format that ssh2 can be bundled in. */
async function main(): Promise<void> {
  const { url, ca, connections, bytes, hz, seconds, warm } = flags();
  const sum = new Sum();
  let opened = 0;
  const failures: string[] = [];
  const origin = url.replace("ws", "http");
  const network = ca ? { ca: [readFileSync(ca, "utf8")] } : {};

  const place = new PlaceServer(probes, (message: FromPlace) => {
    if (message.type === "opened") opened++;
    else if (message.type === "failed") failures.push(message.failure.message);
    else if (message.type === "second") second(message);
  });
  place.take({
    type: "setup",
    setup: {
      place: 0,
      places: 1,
      connections,
      intervalMs: hz > 0 ? 1_000 / hz : 1e9,
      reconnect: false,
      drainMs: 5_000,
      epoch: now(),
      zero: now(),
      lateMs: 10,
      injectLatenessMs: 0,
      probe: "echo",
      probeSetup: {
        target: { url: origin, token: "", network },
        bytes,
        echo: "raw",
        seed: 1,
        openTimeoutMs: 30_000,
        upgradesStripped: false,
      },
    },
  });

  /** Seconds that do not count, too: this measures the tool, and not a deployment. */
  function second({ batch: { values } }: PlaceSecond): void {
    for (const of of [values.measured, values.spoiled, values.always]) if (of) sum.add(of);
  }
  const durations = (key: string) => {
    const found = sum.values.get(key);
    return found instanceof Durations ? found : new Durations();
  };
  const ticks = (outcome: string) => {
    const found = sum.values.get(`ticks{outcome="${outcome}",transport="app"}`);
    return found && "n" in found ? found.n : 0;
  };
  // What is left out of a second was counted in it.
  const all = (outcome: string) => ticks(outcome) + ticks("left_out");

  const open = (id: number) =>
    place.take({ type: "open", id, index: id, address: { kind: "app", url, token: "" } });
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
  place.take({ type: "window", ids, window: { from, until: from + seconds * 1_000 } });
  await sleep(from - now());
  const cpu = process.cpuUsage();
  await sleep(seconds * 1_000);
  const used = process.cpuUsage(cpu);
  await sleep(1_500);
  place.take({ type: "close" });
  const trips = durations('round_trip{transport="app"}');
  console.log(
    JSON.stringify({
      ticks: all("due"),
      echoed: ticks("echoed"),
      missed: ticks("missed"),
      faults: ticks("lost") + ticks("wrong"),
      cpuUs: (used.user + used.system) / Math.max(1, all("due")),
      latenessP99: durations('lateness{place="0"}').percentile(99)?.ms ?? 0,
      p50: trips.percentile(50)?.ms ?? 0,
      p99: trips.percentile(99)?.ms ?? 0,
      max: trips.max?.ms ?? 0,
      rssPerConnection: rss / connections,
    }),
  );
  process.exit(0);
}

void main();
