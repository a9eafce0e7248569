import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ConnectionBytes } from "../../../src/load/byte-counts.ts";
import { Pool, type PoolEvents } from "../../../src/load/pool.ts";
import { threads } from "../../../src/load/thread-place.ts";
import { loadSetup, silentEvents } from "./fakes.ts";

const folder = mkdtempSync(path.join(tmpdir(), "place-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A place that opens everything at once, dies where it is asked to open `die`, and babbles where `babble`. */
const script = path.join(folder, "place.mjs");
writeFileSync(
  script,
  `import { parentPort } from "node:worker_threads";
   const totals = { bytesRead: 0, bytesWritten: 0, ticks: {} };
   parentPort.on("message", (message) => {
     if (message.type === "clock") parentPort.postMessage({ type: "clock", asked: message.now, now: message.now });
     if (message.type === "close") parentPort.close();
     if (message.type === "end") parentPort.postMessage({ type: "ended", id: message.id, totals });
     if (message.type !== "open") return;
     if (message.address === "die") throw new Error("out of memory");
     parentPort.postMessage({ type: "opened", id: message.id, ms: message.address === "babble" ? "soon" : 1 });
   });`,
);

let pool: Pool<string> | undefined;
afterEach(() => pool?.close());

function started(events: Partial<PoolEvents<string>>): Pool<string> {
  const setup = { ...loadSetup, probe: "echo", probeSetup: {} };
  const made = new Pool<string>(threads(script), 2, setup, { ...silentEvents, ...events });
  pool = made;
  return made;
}

describe("a place that dies", () => {
  it("is told with the connections that it had, which are lost; the others go on", async () => {
    const deaths: { place: number; error: string; connections: number[] }[] = [];
    const made = started({
      died: (place, error, connections) =>
        deaths.push({ place, error: error.message, connections: connections.map((one) => one.id) }),
    });
    const [a, b, c] = [made.open(0, "a"), made.open(1, "b"), made.open(2, "c")];
    await Promise.all([a, b, c].map((one) => one.opened));
    const last = made.open(4, "die");
    await expect(last.opened).rejects.toMatchObject({ causeId: "shard_died" });
    await expect(a.ended).rejects.toMatchObject({ causeId: "shard_died" });
    await expect(c.ended).rejects.toMatchObject({ causeId: "shard_died" });
    expect(deaths).toEqual([{ place: 0, error: "out of memory", connections: [0, 2, 4] }]);
    expect([made.alive(0), made.alive(1)]).toEqual([false, true]);
    // What comes for it later is lost at once.
    await expect(made.open(6, "x").opened).rejects.toMatchObject({ causeId: "shard_died" });
    made.end(b);
    await expect(b.ended).resolves.toBeDefined();
  });

  it("that ends without an error is told, too", async () => {
    const died = new Promise<string>((resolve) => {
      const made = started({ died: (_place, error) => resolve(error.message) });
      void made.kill(1);
    });
    expect(await died).toMatch(/ended with status/);
  });

  it("is given up where it sends what nobody understands, with what is wrong in it", async () => {
    const deaths: string[] = [];
    const made = started({ died: (_place, error) => deaths.push(error.message) });
    const one = made.open(0, "babble");
    await expect(one.opened).rejects.toMatchObject({ causeId: "shard_died" });
    expect(deaths).toEqual([expect.stringMatching(/^a place sent a message that is not understood: ms: /)]);
    expect([made.alive(0), made.alive(1)]).toEqual([false, true]);
  });
});

it("whoever follows a connection's bytes hears of its drop too, after which there are no more bytes", () => {
  const bytes = new ConnectionBytes(2);
  const heard: number[] = [];
  const forget = bytes.onChange([1], () => heard.push(bytes.read(1)));
  bytes.add([1, 300, 310]);
  bytes.changed(1);
  bytes.changed(0);
  forget();
  bytes.changed(1);
  expect(heard).toEqual([300, 300]);
});
