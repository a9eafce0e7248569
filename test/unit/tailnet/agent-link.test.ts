import { describe, expect, test } from "vitest";
import { AgentLink } from "../../../src/tailnet/agent-link.ts";
import type { TailnetError } from "../../../src/tailnet/errors.ts";
import type { Node } from "../../../src/tailnet/proto/messages.ts";
import type { WireGuardPeer } from "../../../src/tailnet/wireguard/peer.ts";
import { VirtualClock } from "./virtual-clock.ts";

const never = new AbortController().signal;

/** An agent as the coordinator tells of it, with a peer that only notes what is asked of it. */
function agent() {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const failures: TailnetError[] = [];
  const relay: { isUp: boolean; backAt: number | undefined } = { isUp: true, backAt: undefined };
  const peer = {
    isEstablished: false,
    lastReceivedAt: Number.NEGATIVE_INFINITY,
    start: () => calls.push("start"),
    retryNow: () => calls.push("retry"),
    probe: () => calls.push("probe"),
    close: () => calls.push("close"),
  };
  const link = new AgentLink({
    clock,
    id: new Uint8Array(16),
    newPeer: () => peer as unknown as WireGuardPeer,
    relay: () => relay,
    failConnections: (_link, error) => failures.push(error),
  });
  const node = (key: number): Node => ({
    id: 1,
    asOfMs: 0,
    key: new Uint8Array(32).fill(key),
    disco: "",
    preferredDerp: 999,
    addresses: [],
    allowedIps: [],
    endpoints: [],
  });
  const establish = () => {
    peer.isEstablished = true;
    link.established();
  };
  const connected = () => {
    link.announced(node(1));
    link.ready();
    establish();
    clock.run(60_000);
  };
  return { clock, calls, failures, relay, peer, link, node, establish, connected };
}

/** What a promise was rejected with, once it was. */
function outcome(promise: Promise<void>): { kind?: string; message?: string } {
  const told: { kind?: string; message?: string } = {};
  promise.then(
    () => Object.assign(told, { kind: "resolved" }),
    (error: TailnetError) => Object.assign(told, { kind: error.kind, message: error.message }),
  );
  return told;
}

describe("reaching an agent", () => {
  test("the handshake begins with READY, or five seconds after the announcement", () => {
    const quick = agent();
    quick.link.announced(quick.node(1));
    quick.clock.run(100);
    expect(quick.calls).toEqual([]);
    quick.link.ready();
    expect(quick.calls).toEqual(["retry"]);
    const slow = agent();
    slow.link.announced(slow.node(1));
    slow.clock.run(5_100);
    expect(slow.calls).toEqual(["start"]);
  });

  test("one that is never announced is offline after 20 s, one that never answers is named so", async () => {
    const offline = agent();
    const first = outcome(offline.link.reachable(never));
    offline.clock.run(20_100);
    await Promise.resolve();
    expect(first).toMatchObject({ kind: "agent_offline" });
    const mute = agent();
    const second = outcome(mute.link.reachable(never));
    mute.link.announced(mute.node(1));
    mute.link.ready();
    mute.clock.run(45_100);
    await Promise.resolve();
    expect(second).toMatchObject({ kind: "handshake" });
  });

  test("an announcement without a relay to reach it by is none", () => {
    const { link, node, calls, clock } = agent();
    link.announced({ ...node(1), preferredDerp: 0 });
    clock.run(10_000);
    expect(calls).toEqual([]);
  });
});

describe("an agent that is said to be gone", () => {
  test("is asked, and believed gone after ten seconds of silence, by the first reason", () => {
    const { link, calls, failures, clock, connected } = agent();
    connected();
    link.suspect("the relay has lost it");
    link.suspect("the coordinator has lost it");
    expect(calls.at(-1)).toBe("probe");
    clock.run(9_900);
    expect(failures).toEqual([]);
    clock.run(200);
    expect(failures).toMatchObject([
      { kind: "agent_gone", message: "the agent is gone: the relay has lost it" },
    ]);
  });

  test("stays where it answers, or its traffic goes on", () => {
    const answering = agent();
    answering.connected();
    answering.link.suspect("x");
    answering.link.established();
    answering.clock.run(60_000);
    expect(answering.failures).toEqual([]);
    const talking = agent();
    talking.connected();
    talking.link.suspect("x");
    talking.peer.lastReceivedAt = talking.clock.now() + 5_000;
    talking.clock.run(60_000);
    expect(talking.failures).toEqual([]);
  });

  test("has longer after an outage of the relay: agents come back one after the other", () => {
    const { link, relay, failures, clock, connected } = agent();
    connected();
    relay.isUp = false;
    link.suspect("the coordinator has lost it");
    clock.run(60_000);
    expect(failures).toEqual([]);
    Object.assign(relay, { isUp: true, backAt: clock.now() });
    clock.run(29_000);
    expect(failures).toEqual([]);
    clock.run(12_000);
    expect(failures).toMatchObject([{ kind: "agent_gone" }]);
  });

  test("another process with a new key takes its place: the old connections end by name", () => {
    const { link, failures, node, connected, calls } = agent();
    connected();
    link.announced(node(2));
    expect(failures).toMatchObject([{ kind: "agent_replaced" }]);
    expect(calls).toContain("close");
    link.announced(node(2));
    expect(failures).toHaveLength(1);
  });
});
