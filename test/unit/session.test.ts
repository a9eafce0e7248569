import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Session } from "../../src/coder/session.ts";
import { Gate } from "../../src/engine/steps/gate.ts";
import { afterRunning, Standstill } from "../../src/engine/time.ts";

/** A session whose deployment refuses these tokens. */
function sessionOf(...refused: string[]): { session: Session; questions: string[] } {
  const questions: string[] = [];
  const session = new Session("first", async (token) => {
    questions.push(token);
    return refused.includes(token);
  });
  session.keep();
  return { session, questions };
}

describe("a session", () => {
  it("nobody waits for a sign-in that nobody can be asked for", async () => {
    const session = new Session("first", async () => true);
    expect(await session.lapsed("first", true)).toBe(false);
    expect(session.state).toBe("accepted");
  });

  it("what was refused waits for another token, and so does what comes after it", async () => {
    const { session, questions } = sessionOf("first");
    expect(await Promise.all([session.lapsed("first", true), session.lapsed("first", true)])).toEqual([
      true,
      true,
    ]);
    expect(questions, "asked once for all").toEqual(["first"]);
    const waiting = [session.usable("first", "1"), session.usable("first", "2")];
    session.renew("second");
    expect(await Promise.all(waiting)).toEqual(["second", "second"]);
    expect(session.current("first")).toBe("second");
    expect(await session.lapsed("first", true), "it was on its way when the token was replaced").toBe(true);
  });

  it("a 401 that the deployment knows nothing of is no end of the session", async () => {
    const { session } = sessionOf();
    expect(await session.lapsed("first", true)).toBe(false);
    expect(await session.usable("first", "run")).toBe("first");
  });

  it("tokens of others pass through, refused or not", async () => {
    const { session, questions } = sessionOf("first", "others");
    expect(await session.lapsed("others", true)).toBe(false);
    await session.lapsed("first", true);
    expect(await session.usable("others", "1")).toBe("others");
    expect(questions).toEqual(["first"]);
  });

  it("a user's token that is replaced is used no more, wherever it is held, in other threads, too", async () => {
    const { session, questions } = sessionOf();
    const elsewhere = new Session("first", async () => false);
    session.changed.add((news) => elsewhere.follow(news));
    session.replace("user", "user-2");
    session.replace("user-2", "user-3");
    for (const one of [session, elsewhere]) {
      expect(await one.usable("user", "1")).toBe("user-3");
      expect(one.current("user-2")).toBe("user-3");
      expect([one.isStale("user"), one.isStale("user-3")]).toEqual([true, false]);
      expect(await one.lapsed("user", true), "it was on its way when the token was replaced").toBe(true);
      expect(await one.lapsed("user-3", true), "the newest is refused for a reason of its own").toBe(false);
      expect(await one.lapsed("user", false), "it was not the token").toBe(false);
    }
    expect([session.token, elsewhere.token, session.state, questions]).toEqual([
      "first",
      "first",
      "accepted",
      [],
    ]);
  });

  it("whoever waits can leave, and is told the reason", async () => {
    const { session } = sessionOf("first");
    await session.lapsed("first", true);
    const stop = new AbortController();
    const waiting = session.usable("first", "1", stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    await expect(session.usable("first", "1", stop.signal)).rejects.toThrow("stopped");
  });

  it("once it is lost, nobody waits any more", async () => {
    const { session } = sessionOf("first");
    await session.lapsed("first", true);
    const waiting = session.usable("first", "1");
    session.giveUp();
    await expect(waiting).rejects.toThrow("nobody has signed in again");
    await expect(session.usable("first", "1")).rejects.toThrow("nobody has signed in again");
    expect(await session.lapsed("first", true)).toBe(false);
  });

  it("says how long each subject has waited: the time in which any of its requests did", async () => {
    vi.useFakeTimers();
    try {
      const { session } = sessionOf("first");
      await session.lapsed("first", true);
      const first = session.usable("first", "7");
      await vi.advanceTimersByTimeAsync(1_000);
      let told = 0;
      const second = session.usable("first", "7", undefined, (ms) => {
        told = ms;
      });
      await vi.advanceTimersByTimeAsync(500);
      expect([session.stoodMs("7"), session.stoodMs("8")]).toEqual([1_500, 0]);
      session.renew("second");
      await Promise.all([first, second]);
      await vi.advanceTimersByTimeAsync(5_000);
      expect([session.stoodMs("7"), told]).toEqual([1_500, 500]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("time limits of a run that stands still", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("do not count that time", async () => {
    const still = new Standstill();
    let over = false;
    afterRunning(1_000, still, () => {
      over = true;
    });
    await vi.advanceTimersByTimeAsync(400);
    still.begin();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(over).toBe(false);
    still.end();
    await vi.advanceTimersByTimeAsync(590);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    expect(over).toBe(true);
    expect(still.ms).toBe(60_000);
  });

  it("are called off", async () => {
    let over = false;
    const callOff = afterRunning(100, new Standstill(), () => {
      over = true;
    });
    callOff();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(over).toBe(false);
  });
});

describe("the gate of new work", () => {
  it("is open when there is no reason left to wait", async () => {
    const gate = new Gate();
    gate.close("paused");
    gate.close("session");
    let passed = false;
    const passing = gate.pass(new AbortController().signal).then(() => {
      passed = true;
    });
    gate.open("session");
    expect(gate.paused).toBe(true);
    await Promise.resolve();
    expect(passed).toBe(false);
    gate.open("paused");
    await passing;
    expect(gate.paused).toBe(false);
  });
});
