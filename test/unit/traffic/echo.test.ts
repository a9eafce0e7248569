import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tallies } from "../../../src/load/tally.ts";
import {
  type EchoCounts,
  type EchoedTicks,
  EchoGroup,
} from "../../../src/workloads/workspace-traffic/probe/echo-counts.ts";
import { EchoMatcher } from "../../../src/workloads/workspace-traffic/probe/echo-matcher.ts";
import { MARK, Payload, saltOf } from "../../../src/workloads/workspace-traffic/probe/payload.ts";

const BYTES = 64;
const CRLF = Buffer.from("\r\n");

interface Scene {
  matcher: EchoMatcher;
  tallies: Tallies<EchoCounts>;
  /** Sends the next tick; returns its echo. */
  tick(due?: number): Buffer;
  take(bytes: Buffer, now?: number): void;
  counts(): Partial<EchoedTicks>;
}

function scene(
  options: { bytes?: number; tail?: Buffer; printable?: boolean; from?: number; until?: number } = {},
): Scene {
  const { bytes = BYTES, tail = Buffer.alloc(0), printable = true } = options;
  const payload = new Payload(7, bytes, printable);
  const { tallies } = new EchoGroup("pty", bytes);
  const salt = saltOf(3);
  const matcher = new EchoMatcher({ payload, salt, length: bytes + tail.length, tail }, tallies, {
    from: options.from ?? 0,
    until: options.until ?? Number.POSITIVE_INFINITY,
  });
  return {
    matcher,
    tallies,
    tick: (due = 0) => {
      const echo = Buffer.alloc(bytes + tail.length);
      payload.write(echo, 0, salt, matcher.next, bytes);
      tail.copy(echo, bytes);
      matcher.sent(due);
      return echo;
    },
    take: (chunk, now = 1) => matcher.take(chunk, 0, chunk.length, now),
    counts: () => {
      const { echoed, wrong, lost, bytesLost, bytesWrong, bytesExtra } = tallies.measured.ticks;
      return { echoed, wrong, lost, bytesLost, bytesWrong, bytesExtra };
    },
  };
}

const CLEAN = { echoed: 0, wrong: 0, lost: 0, bytesLost: 0, bytesWrong: 0, bytesExtra: 0 };

/** Hands the stream over in pieces that are cut at the given places. */
function inPieces(to: Scene, stream: Buffer, cuts: readonly number[]): void {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  for (let at = 1; at < places.length; at++) to.take(stream.subarray(places[at - 1], places[at]));
}

const cuts = fc.array(fc.nat(), { maxLength: 30 });

describe("echoes that are right", () => {
  it.each([
    ["raw", {}],
    ["of lines", { tail: CRLF }],
    ["of bytes", { printable: false }],
    ["of the smallest ticks", { bytes: 8 }],
  ])("%s count as echoed, however they are cut and joined", (_name, options) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), cuts, (count, places) => {
        const one = scene(options);
        inPieces(one, Buffer.concat(Array.from({ length: count }, () => one.tick())), places);
        one.matcher.finish(1);
        expect(one.counts()).toEqual({ ...CLEAN, echoed: count });
      }),
      { numRuns: 200 },
    );
  });

  it("are timed from when they were due to their last byte", () => {
    const one = scene();
    const echo = one.tick(100);
    one.take(echo.subarray(0, 40), 110);
    one.take(echo.subarray(40), 125);
    expect(one.tallies.measured.roundTrip.percentile(1)).toBeCloseTo(25, 1);
  });

  it("no two ticks have the same payload, nor a mark in it", () => {
    const one = scene({ bytes: 200, printable: false });
    const ticks = Array.from({ length: 500 }, () => one.tick());
    expect(new Set(ticks.map((tick) => tick.subarray(5).toString("hex"))).size).toBe(500);
    expect(ticks.every((tick) => tick.lastIndexOf(MARK) === 0)).toBe(true);
  });
});

describe("the measured part", () => {
  it("has carried what came back in it, whenever that was due, and nothing that came back after it", () => {
    const one = scene({ from: 1_000, until: 2_000 });
    one.take(one.tick(900), 999);
    one.take(one.tick(950), 1_000);
    one.take(one.tick(1_500), 1_999);
    one.take(one.tick(1_600), 2_000);
    one.take(one.tick(2_100), 2_200);
    const { echoed, carried, trailing } = one.tallies.measured.ticks;
    expect({ echoed, carried, trailing }).toEqual({ echoed: 2, carried: 2, trailing: 1 });
    // Of the ramp and of what comes after, too: a chart shows them.
    expect(one.tallies.other.ticks).toMatchObject({ echoed: 3, carried: 3, trailing: 0 });
  });

  it("stands still in a pause: what comes back then came back in it", () => {
    const one = scene({ from: 1_000, until: 2_000 });
    const echo = one.tick(1_900);
    one.tallies.pausedAt = 1_950;
    one.take(echo, 9_000);
    expect(one.tallies.measured.ticks).toMatchObject({ echoed: 1, carried: 1, trailing: 0 });
  });

  it("knows how long what is lost was waited for", () => {
    const one = scene();
    one.tick(100);
    one.tick(700);
    one.matcher.finish(10_100);
    expect(one.tallies.measured.ticks.lost).toBe(2);
    expect(one.tallies.measured.waitedMs).toBe(10_000);
  });
});

describe("what is wrong with a stream is counted", () => {
  it("changed bytes: the ticks and the bytes, and nothing else", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(BYTES * 20 - 1), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 255 }),
        cuts,
        (places, change, at) => {
          const one = scene();
          const stream = Buffer.concat(Array.from({ length: 20 }, () => one.tick()));
          // What is changed to a number of another tick under way reads as that tick: not drawn here.
          const damaged = places.filter((place) => place % BYTES >= 5);
          for (const place of damaged) stream[place] = (stream[place] ?? 0) ^ change;
          inPieces(one, stream, at);
          one.matcher.finish(1);
          const wrong = new Set(damaged.map((place) => Math.floor(place / BYTES))).size;
          expect(one.counts()).toEqual({ ...CLEAN, echoed: 20 - wrong, wrong, bytesWrong: damaged.length });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("whole ticks that are missing", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 30 }), cuts, (kept, at) => {
        const one = scene();
        const echoes = kept.map(() => one.tick());
        inPieces(one, Buffer.concat(echoes.filter((_echo, index) => kept[index])), at);
        one.matcher.finish(1);
        const lost = kept.filter((keep) => !keep).length;
        expect(one.counts()).toEqual({ ...CLEAN, echoed: kept.length - lost, lost, bytesLost: lost * BYTES });
      }),
      { numRuns: 500 },
    );
  });

  it("the end of a tick that is missing, as from a chunk cut in half", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: BYTES - 1 }), cuts, (length, at) => {
        const one = scene();
        const [a, b, c] = [one.tick(), one.tick(), one.tick()];
        inPieces(one, Buffer.concat([a, b.subarray(0, length), c]), at);
        one.matcher.finish(1);
        expect(one.counts()).toEqual({ ...CLEAN, echoed: 2, lost: 1, bytesLost: BYTES - length });
      }),
    );
  });

  it("the middle of a tick that is missing: what is left of it is not wrong", () => {
    const one = scene();
    const [a, b, c] = [one.tick(), one.tick(), one.tick()];
    one.take(Buffer.concat([a, b.subarray(0, 20), b.subarray(30), c]));
    expect(one.counts()).toEqual({ ...CLEAN, echoed: 2, lost: 1, bytesLost: 10 });
  });

  it("bytes between two ticks that were not sent", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), cuts, (length, at) => {
        const one = scene();
        const [a, b, c] = [one.tick(), one.tick(), one.tick()];
        inPieces(one, Buffer.concat([a, Buffer.alloc(length, "."), b, c]), at);
        one.matcher.finish(1);
        expect(one.counts()).toEqual({ ...CLEAN, echoed: 3, bytesExtra: length });
      }),
    );
  });

  it("a tick that comes twice", () => {
    const one = scene();
    const [a, b, c] = [one.tick(), one.tick(), one.tick()];
    one.take(Buffer.concat([a, b, b, c]));
    expect(one.counts()).toEqual({ ...CLEAN, echoed: 3, bytesExtra: BYTES });
  });

  it("bytes that come when nothing is under way", () => {
    const one = scene();
    one.take(one.tick());
    one.take(Buffer.from("hello"));
    one.take(one.tick());
    expect(one.counts()).toEqual({ ...CLEAN, echoed: 2, bytesExtra: 5 });
  });

  it("what is under way at the end is lost, as far as it has not come", () => {
    const one = scene();
    const a = one.tick();
    one.tick();
    one.take(a.subarray(0, 10));
    one.matcher.finish(1);
    expect(one.counts()).toEqual({ ...CLEAN, lost: 2, bytesLost: BYTES - 10 + BYTES });
    expect(one.matcher.outstanding).toBe(0);
  });

  it("any bytes at all leave every tick in exactly one place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant("tick"), fc.uint8Array({ maxLength: 90 })), { maxLength: 40 }),
        (parts) => {
          const one = scene();
          let sent = 0;
          for (const part of parts) {
            if (part === "tick") {
              sent++;
              one.take(one.tick());
            } else one.take(Buffer.from(part as Uint8Array));
          }
          one.matcher.finish(1);
          const { echoed, wrong, lost } = one.tallies.measured.ticks;
          expect(echoed + wrong + lost).toBe(sent);
          expect(one.matcher.outstanding).toBe(0);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("a session that goes on", () => {
  it("repeats what it has said, which is no fault; what was under way is still counted", () => {
    const one = scene();
    const old = Array.from({ length: 30 }, () => one.tick());
    for (const echo of old) one.take(echo);
    const [a, b] = [one.tick(), one.tick()];
    one.take(a.subarray(0, 7));
    one.matcher.resume();
    const replay = Buffer.concat([...old.slice(10), a, b]).subarray(30);
    one.take(replay);
    const c = one.tick();
    one.take(c);
    expect(one.counts()).toEqual({ ...CLEAN, echoed: 33 });
  });

  it("is known by a tick that it says again, and another one by that it does not", () => {
    const [same, other, silent] = [scene(), scene(), scene()];
    for (const one of [same, other]) one.take(Buffer.concat([one.tick(), one.tick()]));
    const repeated = scene();
    const replay = Buffer.concat([repeated.tick(), repeated.tick()]);
    for (const one of [same, other, silent]) {
      one.tick();
      one.matcher.resume();
    }
    expect(same.matcher.session).toBe("unknown");
    same.take(Buffer.concat([Buffer.from("scaletest-ready"), replay]));
    expect(same.matcher.session).toBe("same");
    // A new one begins with its first words, and goes on with what it is sent from now on.
    other.take(Buffer.concat([Buffer.from("scaletest-ready"), other.tick()]));
    expect(other.matcher.session).toBe("new");
    // One that had said nothing cannot say it again.
    silent.take(Buffer.concat([Buffer.from("scaletest-ready"), silent.tick()]));
    expect(silent.matcher.session).toBe("unknown");
  });

  it("is not known where one message is longer than what a session repeats", () => {
    const long = scene({ bytes: 50_000 });
    long.take(long.tick());
    long.matcher.resume();
    long.take(Buffer.concat([Buffer.alloc(1_000, "x"), long.tick()]));
    expect(long.matcher.session).toBe("unknown");
  });

  it("what did not reach it is lost when a later tick comes back", () => {
    const one = scene();
    const a = one.tick();
    one.take(a);
    one.tick();
    one.tick();
    one.matcher.resume();
    one.take(Buffer.concat([a, one.tick()]));
    expect(one.counts()).toEqual({ ...CLEAN, echoed: 2, lost: 2, bytesLost: 2 * BYTES });
  });
});

describe("the measured part", () => {
  it("has the ticks that were due in it, whenever they come back", () => {
    const payload = new Payload(1, BYTES, true);
    const { tallies } = new EchoGroup("pty", BYTES);
    const matcher = new EchoMatcher({ payload, salt: 0, length: BYTES, tail: Buffer.alloc(0) }, tallies, {
      from: 100,
      until: 200,
    });
    const stream: Buffer[] = [];
    for (const due of [99, 100, 150, 199.9, 200]) {
      const echo = Buffer.alloc(BYTES);
      payload.write(echo, 0, 0, matcher.next, BYTES);
      matcher.sent(due);
      stream.push(echo);
    }
    const all = Buffer.concat(stream);
    matcher.take(all, 0, all.length, 500);
    expect(tallies.measured.ticks.echoed).toBe(3);
    expect(tallies.other.ticks.echoed).toBe(2);
  });
});
