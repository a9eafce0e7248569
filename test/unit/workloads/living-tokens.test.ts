import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CoderClient } from "../../../src/coder/client.ts";
import { CoderError } from "../../../src/coder/errors.ts";
import { Session } from "../../../src/coder/session.ts";
import { JournalState, type NewEntry } from "../../../src/runs/journal-state.ts";
import { english, say } from "../../../src/text/message.ts";
import { LivingTokens } from "../../../src/workloads/living-tokens.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Key {
  owner: string;
  name: string;
  endsAt: number;
}

/** A deployment's tokens, on a virtual clock, and the journal of whoever makes them. */
class Deployment {
  /** By owner; undefined where it does not say. */
  most: (owner: string) => number | undefined = () => 30 * MINUTE;
  keys = new Map<string, Key>();
  lifetimes: number[] = [];
  /** What its configuration says of everybody; undefined where it cannot be read. */
  configured: number | undefined;
  /** Owners that were asked for how long a token may live. */
  asked: string[] = [];
  fails: Error | undefined;
  /** Held until it resolves. */
  hold: Promise<void> = Promise.resolve();
  /** Asked for without being in the journal first. */
  unannounced: string[] = [];
  journal = new JournalState();
  entries: NewEntry[] = [];
  session = new Session("admin", async () => false);
  warnings: string[] = [];
  #made = 0;

  ledger = {
    state: this.journal,
    write: async (entry: NewEntry) => {
      this.journal.apply(entry);
      this.entries.push(entry);
    },
  };

  client = {
    token: "admin",
    subject: "run",
    transport: {
      session: this.session,
      json: async ({ path }: { path: string }) => {
        const isConfig = path === "/api/v2/deployment/config";
        if (isConfig && this.configured !== undefined)
          return { config: { session_lifetime: { max_token_lifetime: this.configured * 1_000_000 } } };
        if (isConfig)
          throw new CoderError({ kind: "forbidden", status: 403, route: "GET", message: say("Forbidden.") });
        const owner = path.split("/")[4] ?? "";
        this.asked.push(owner);
        const most = this.most(owner);
        if (most === undefined)
          throw new CoderError({ kind: "not_found", status: 404, route: "GET", message: say("nothing") });
        return { max_token_lifetime: most * 1_000_000 };
      },
    },
    createToken: async (owner: string, lifetimeMs: number, name: string) => {
      if (!this.journal.remaining("token").some((one) => one.name === name)) this.unannounced.push(name);
      await this.hold;
      if (this.fails) throw this.fails;
      if (lifetimeMs > (this.most(owner) ?? DAY * 1_000))
        throw new CoderError({
          kind: "validation",
          status: 400,
          route: "POST",
          message: say("Failed to validate create API key request."),
          detail: "lifetime must be less than 30m0s",
          fields: [],
        });
      this.lifetimes.push(lifetimeMs);
      const id = `key-${String(this.#made++).padStart(6, "0")}`;
      this.keys.set(id, { owner, name, endsAt: Date.now() + lifetimeMs });
      return `${id}-secret`;
    },
    tokenId: async (_owner: string, name: string) => [...this.keys].find(([, key]) => key.name === name)?.[0],
    deleteToken: async (_owner: string, id: string) => void this.keys.delete(id),
  } as unknown as CoderClient;

  /** From now on a token is made only when what this answers with is called. */
  holdBack(): () => void {
    const held: { release?: () => void } = {};
    this.hold = new Promise((resolve) => {
      held.release = resolve;
    });
    return () => held.release?.();
  }

  tokens(lifetimeMs = DAY): LivingTokens {
    const { client, ledger } = this;
    return new LivingTokens({
      client,
      ledger,
      lifetimeMs,
      warn: (what) => this.warnings.push(english(what)),
    });
  }

  asker() {
    return { client: this.client, ledger: this.ledger, signal: new AbortController().signal };
  }

  /** Whether whoever was given this token has one that is good. */
  isGood(token: string): boolean {
    const newest = this.session.current(token);
    return (this.keys.get(newest.slice(0, 10))?.endsAt ?? 0) > Date.now();
  }
}

let deployment: Deployment;
let tokens: LivingTokens;
beforeEach(() => {
  vi.useFakeTimers();
  deployment = new Deployment();
  tokens = deployment.tokens();
});
afterEach(() => {
  tokens.close();
  vi.useRealTimers();
});

const make = (owner = "o", name = "t") => tokens.make(owner, name, deployment.asker());

describe("the life of a token", () => {
  it("is as long as the deployment's configuration allows, and no owner is asked for it", async () => {
    deployment.configured = 30 * MINUTE;
    await Promise.all([make("a", "ta"), make("b", "tb")]);
    expect([deployment.lifetimes, deployment.asked]).toEqual([[30 * MINUTE, 30 * MINUTE], []]);
  });

  it("is as long as the first owner's may be where the configuration cannot be read", async () => {
    await Promise.all([make("a", "ta"), make("b", "tb"), make("c", "tc")]);
    expect(deployment.lifetimes).toEqual([30 * MINUTE, 30 * MINUTE, 30 * MINUTE]);
    expect(deployment.asked).toEqual(["a"]);
  });

  it("is as long as the run needs it where that is allowed, or where the deployment does not say", async () => {
    tokens = deployment.tokens(10 * MINUTE);
    await make();
    deployment.most = () => undefined;
    tokens = deployment.tokens(2 * HOUR);
    await make("other", "u");
    expect(deployment.lifetimes).toEqual([10 * MINUTE, 2 * HOUR]);
  });

  it("is an owner's own where that is shorter than that of those before", async () => {
    deployment.most = (owner) => (owner === "short" ? 5 * MINUTE : 30 * MINUTE);
    await make("usual", "t0");
    await make("short", "t1");
    expect(deployment.lifetimes).toEqual([30 * MINUTE, 5 * MINUTE]);
  });
});

describe("a token that is about to end", () => {
  it("has another in its place at any moment of a day, by any of its former names", async () => {
    const first = await make();
    let second: string | undefined;
    for (let at = 0; at < DAY; at += MINUTE) {
      await vi.advanceTimersByTimeAsync(MINUTE);
      expect(deployment.isGood(first), `after ${at / MINUTE} minutes`).toBe(true);
      if (deployment.session.current(first) !== first) second ??= deployment.session.current(first);
    }
    expect(deployment.isGood(second ?? "")).toBe(true);
    expect(deployment.lifetimes.length).toBeGreaterThan(48);
    expect(deployment.lifetimes.length).toBeLessThan(100);
    expect(deployment.unannounced).toEqual([]);
  });

  it("has one soon after a machine was asleep for longer than it lived", async () => {
    const first = await make();
    vi.setSystemTime(Date.now() + 40 * MINUTE);
    expect(deployment.isGood(first)).toBe(false);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(deployment.isGood(first)).toBe(true);
  });

  it("is not renewed before, nor once it is needed no more", async () => {
    await make("a", "ta");
    await vi.advanceTimersByTimeAsync(19 * MINUTE);
    expect(deployment.lifetimes).toHaveLength(1);
    await tokens.end("a");
    await make("b", "tb");
    await vi.advanceTimersByTimeAsync(19 * MINUTE);
    tokens.close();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(deployment.lifetimes).toHaveLength(2);
  });

  it("is tried again where it cannot be renewed, which is said once", async () => {
    const first = await make();
    deployment.fails = new CoderError({
      kind: "network",
      route: "POST",
      message: say("connection refused"),
      outcomeUnknown: false,
    });
    await vi.advanceTimersByTimeAsync(25 * MINUTE);
    expect(deployment.warnings).toEqual([expect.stringContaining("could not be renewed")]);
    deployment.fails = undefined;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(deployment.isGood(first)).toBe(true);
  });

  it("is one of many, of which few are renewed at the same time", async () => {
    for (let at = 0; at < 20; at++) await make(`o${at}`, `t${at}`);
    const release = deployment.holdBack();
    await vi.advanceTimersByTimeAsync(21 * MINUTE);
    const open = deployment.entries.filter(({ op, name }) => op === "asking" && name.includes("-r"));
    expect(open).toHaveLength(5);
    release();
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(deployment.lifetimes).toHaveLength(40);
  });
});

describe("what is revoked at the end", () => {
  it("is all that was made for an owner, also what is being made", async () => {
    await make();
    await vi.advanceTimersByTimeAsync(50 * MINUTE);
    expect(deployment.keys.size).toBe(3);
    const release = deployment.holdBack();
    await vi.advanceTimersByTimeAsync(15 * MINUTE);
    const revoked = tokens.revoke("o", deployment.asker());
    release();
    await revoked;
    await tokens.revoke("o", deployment.asker());
    expect([...deployment.keys.values()]).toEqual([]);
    expect(deployment.journal.remaining()).toEqual([]);
    await vi.advanceTimersByTimeAsync(DAY);
    expect(deployment.keys.size).toBe(0);
  });
});
