import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MessageError, readFromPlace, type ToPlace } from "../../../src/load/messages.ts";
import { Place } from "../../../src/load/place.ts";
import { Pool } from "../../../src/load/pool.ts";
import type { KitHost, ProbeKind } from "../../../src/load/probe.ts";
import { PlaceServer } from "../../../src/load/serve.ts";
import { now } from "../../../src/measure/clock.ts";
import { beats } from "./beat.ts";
import { byText, loadSetup, silentEvents } from "./fakes.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function started(probe: string, probeSetup: unknown = { loud: true }) {
  const { kind, heard, sent } = beats();
  const deaths: string[] = [];
  const pool = new Pool<unknown>(
    byText(PlaceServer, [kind], 1),
    1,
    { ...loadSetup, zero: now(), epoch: now(), probe, probeSetup },
    { ...silentEvents, died: (_place, error) => deaths.push(error.message) },
  );
  return { pool, heard, sent, deaths };
}

describe("a place", () => {
  it("runs the probe that it is asked for, and reports why a connection could not be opened", async () => {
    const { pool, heard } = started("beat");
    const [good, bad] = [pool.open(0, { to: "somewhere" }), pool.open(1, { to: "nowhere" })];
    const failed = expect(bad.opened).rejects.toMatchObject({ causeId: "no_way", message: "no way there" });
    pool.session({ token: "new" });
    await vi.advanceTimersByTimeAsync(500);
    await expect(good.opened).resolves.toBeGreaterThanOrEqual(0);
    await failed;
    expect(heard).toEqual([{ token: "new" }]);
    pool.end(good);
    await vi.advanceTimersByTimeAsync(100);
    await expect(good.ended).resolves.toMatchObject({ ticks: { sent: expect.any(Number) } });
  });

  it.each([
    ["a probe that it has not", "page", { loud: true }, /no probe "page"/],
    ["a setup that the probe does not take", "beat", { loud: "very" }, /expected boolean/],
  ])("refuses %s", async (_what, probe, setup, message) => {
    const { pool, deaths } = started(probe, setup);
    const one = pool.open(0, { to: "somewhere" });
    const lost = expect(one.opened).rejects.toMatchObject({ causeId: "shard_died" });
    await vi.advanceTimersByTimeAsync(100);
    await lost;
    expect(deaths).toEqual([expect.stringMatching(message)]);
  });

  it("refuses an address that its probe does not take", async () => {
    const { pool, deaths } = started("beat");
    pool.open(0, { where: "here" });
    await vi.advanceTimersByTimeAsync(100);
    expect(deaths).toEqual([expect.stringMatching(/expected string/)]);
  });

  const wrong: [string, unknown][] = [
    ["an unknown message", { type: "sing" }],
    ["a window without an end", { type: "window", ids: [0], window: { from: 1 } }],
    ["a level without any interval", { type: "level", level: { intervalMs: 0, active: 1 } }],
    ["a time that is no number", { type: "pause", at: null }],
    ["no message at all", undefined],
    ["an order before its setup", { type: "end", id: 1 } satisfies ToPlace],
  ];
  it.each(wrong)("refuses %s", (_what, message) => {
    const server = new PlaceServer([beats().kind], () => undefined);
    expect(() => server.take(message)).toThrow(MessageError);
  });
});

describe("a second of a place", () => {
  it("ends where the clock says, though work keeps its timer waiting", () => {
    const seconds: number[] = [];
    let host: KitHost | undefined;
    const idle: ProbeKind = {
      name: "idle",
      start: (_setup, given) => {
        host = given;
        return { groups: [], probe: () => expect.fail(), session: () => undefined, close: () => undefined };
      },
    };
    const setup = {
      ...loadSetup,
      zero: now(),
      epoch: now(),
      place: 0,
      places: 1,
      probe: "idle",
      probeSetup: {},
    };
    const place = new Place(setup, idle, (message) => {
      if (message.type === "second") seconds.push(message.batch.second);
    });
    const began = performance.now();
    const clock = vi.spyOn(performance, "now");
    for (const ms of [400, 999, 1_001, 1_800, 2_400]) {
      clock.mockReturnValue(began + ms);
      host?.now();
    }
    expect(seconds).toEqual([0, 1]);
    place.close();
    clock.mockRestore();
  });
});

describe("what a place sends", () => {
  const second = {
    type: "second",
    batch: { second: 3, part: 0, place: "0", values: {} },
    connections: { opening: 0, active: 1, reconnecting: 0 },
    bytes: [0, 10, 20],
  };

  it("is taken where it has the shape of a message", () => {
    expect(readFromPlace(second)).toBe(second);
    expect(readFromPlace({ type: "opened", id: 1, ms: 2, more: true })).toEqual({
      type: "opened",
      id: 1,
      ms: 2,
    });
  });

  it.each([
    ["a second without a stamp", { ...second, batch: { ...second.batch, second: undefined } }],
    ["a second with half of a triple", { ...second, bytes: [0, 10] }],
    ["a second with typed bytes", { ...second, bytes: Float64Array.of(0, 10, 20) }],
    ["a second without connections", { ...second, connections: null }],
    ["an end without totals", { type: "ended", id: 1 }],
    ["nothing", null],
  ])("is refused: %s", (_what, message) => {
    expect(() => readFromPlace(message)).toThrow(MessageError);
  });
});
