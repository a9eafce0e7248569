import { afterEach, describe, expect, it } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { openPty } from "../../../src/coder/pty.ts";
import { SshSession } from "../../../src/coder/ssh/session.ts";
import { TailnetDialer } from "../../../src/coder/ssh/tailnet-dialer.ts";
import { Processor } from "../../../src/sandbox/model/processor.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";

/** Offers work at an even pace on a virtual clock; returns what came of it. */
function offer(processor: Processor, perSecond: number, workMs: number, seconds: number) {
  const latencies: number[] = [];
  let doneInTime = 0;
  for (let at = 0; at < seconds * 1_000; at += 1_000 / perSecond) {
    const end = processor.take(at, workMs);
    latencies.push(end - at);
    if (end <= seconds * 1_000) doneInTime++;
  }
  return { throughput: doneInTime / seconds, last: latencies.at(-1) ?? 0, first: latencies[0] ?? 0 };
}

describe("a processor's virtual budget", () => {
  it("below its capacity latency is the work itself, and throughput what is offered", () => {
    const { throughput, last } = offer(new Processor(2), 150, 10, 10);
    expect(throughput).toBeCloseTo(150, -1);
    expect(last).toBeCloseTo(10, 5);
  });

  it("above it throughput flattens at the capacity, and latency grows without end", () => {
    const capacity = 200;
    for (const offered of [250, 400, 800]) {
      const { throughput, last } = offer(new Processor(2), offered, 10, 10);
      expect([offered, Math.abs(throughput - capacity) < 3]).toEqual([offered, true]);
      expect(last).toBeGreaterThan(1_000);
    }
  });

  it("builds in the background take their share, and are stretched where there is not enough", () => {
    const processor = new Processor(2);
    expect(processor.beginBackground(1)).toBe(1);
    expect(offer(processor, 150, 10, 10).throughput).toBeLessThan(105);
    expect(processor.beginBackground(3)).toBe(2);
    processor.endBackground(3);
    processor.endBackground(1);
    expect(offer(new Processor(2), 150, 10, 10).last).toBeCloseTo(10, 5);
  });

  it("the same work gives the same times, however often it is asked", () => {
    const times = () => {
      const processor = new Processor(3);
      return Array.from({ length: 100 }, (_, i) => processor.take(i * 2, 7 + (i % 5)));
    };
    expect(times()).toEqual(times());
  });
});

describe("a sandbox with a budget", () => {
  let sandbox: Sandbox | undefined;
  let client: CoderClient | undefined;
  afterEach(async () => {
    await client?.close();
    await sandbox?.close();
  });

  it("says what it carries at most, and a terminal's echo keeps to it", async () => {
    sandbox = await startSandbox({ workspaces: 1, model: { coderdCores: 1, messageMs: 10 } });
    client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
    const told = (await (await fetch(`${sandbox.url}/sandbox/model`)).json()) as {
      capacity: { messagesPerSecond: number };
    };
    expect(told.capacity.messagesPerSecond).toBe(100);
    const asked = "of=answer&limit_ms=200&messages_per_second=2";
    const answer = await fetch(`${sandbox.url}/sandbox/model?${asked}`);
    expect(await answer.json()).toMatchObject({ largestLoad: 50 });
    const [workspace] = await client.findWorkspaces('name:"scaletest-"');
    const agent = workspace?.latest_build.resources.flatMap((resource) => resource.agents)[0];
    let lines = 0;
    let finished: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      finished = resolve;
    });
    const pty = await openPty(
      client,
      { agentId: agent?.id ?? "", command: "stty raw -echo; exec cat" },
      (bytes) => {
        lines += bytes.toString().split("\n").length - 1;
        if (lines === 150) finished();
      },
    );
    const began = performance.now();
    for (let i = 0; i < 150; i++) pty.write(`line ${i}\n`);
    await all;
    // 150 messages at 100 a second: not sooner, and not much later.
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(1_400);
    expect(took).toBeLessThan(3_000);
    pty.close();
    const after = (await (await fetch(`${sandbox.url}/sandbox/model`)).json()) as {
      machineAddedMs: { count: number; mean: number };
    };
    expect(after.machineAddedMs.count).toBeGreaterThan(100);
  });

  it("SSH keeps to it, too, by the sandbox's relay", async () => {
    sandbox = await startSandbox({ workspaces: 1, model: { replicas: 2, coderdCores: 1, messageMs: 10 } });
    client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
    const [workspace] = await client.findWorkspaces('name:"scaletest-"');
    const agent = workspace?.latest_build.resources.flatMap((resource) => resource.agents)[0];
    const dialer = new TailnetDialer({ transport: client.transport });
    const { signal } = new AbortController();
    const target = {
      owner: workspace?.owner_name ?? "",
      workspace: workspace?.name ?? "",
      agent: agent?.name ?? "",
      agentId: agent?.id ?? "",
      token: sandbox.token,
    };
    const session = await SshSession.open(await dialer.dial(target, signal), signal, 10_000);
    const channel = await session.exec("cat", signal);
    let bytes = 0;
    channel.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const began = performance.now();
    for (let i = 0; i < 60; i++) {
      channel.write(Buffer.alloc(1_000, 97));
      // A message is a packet of the channel's: no two are to be joined on the way.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await expect.poll(() => bytes, { timeout: 20_000 }).toBe(60_000);
    // 60 messages at 100 a second, all on the one replica that the client's relay belongs to.
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(550);
    expect(took).toBeLessThan(3_000);
    expect(sandbox.deployment.model.read().coderdCpuSeconds.filter((seconds) => seconds > 0.5)).toHaveLength(
      1,
    );
    session.close();
    await dialer.close();
  });

  it("a replica that leaves takes its connections with it, and its capacity", async () => {
    sandbox = await startSandbox({ workspaces: 1, model: { replicas: 4, coderdCores: 1, messageMs: 1 } });
    client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
    const [workspace] = await client.findWorkspaces('name:"scaletest-"');
    const agent = workspace?.latest_build.resources.flatMap((resource) => resource.agents)[0];
    const open = client;
    const ptys = await Promise.all(
      Array.from({ length: 40 }, () =>
        openPty(open, { agentId: agent?.id ?? "", command: "sleep 60" }, () => undefined),
      ),
    );
    let ended = 0;
    for (const pty of ptys) void pty.ended.then(() => ended++);
    const post = (body: object) =>
      fetch(`${sandbox?.url}/sandbox/faults`, { method: "POST", body: JSON.stringify(body) });
    const answer = (await (await post({ replicaLeaves: 2 })).json()) as { dropped: number };
    expect(answer.dropped).toBe(10);
    await expect.poll(() => ended).toBe(10);
    const capacity = async () =>
      (
        (await (await fetch(`${sandbox?.url}/sandbox/model`)).json()) as {
          capacity: { messagesPerSecond: number };
        }
      ).capacity.messagesPerSecond;
    expect(await capacity()).toBe(3_000);
    await post({ replicaReturns: 2 });
    expect(await capacity()).toBe(4_000);
    for (const pty of ptys) pty.close();
  });
});
