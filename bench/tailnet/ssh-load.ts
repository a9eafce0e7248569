import { parseArgs } from "node:util";
import pLimit from "p-limit";
import type { DialTarget } from "../../src/coder/ssh/dialer.ts";
import { TailnetDialer } from "../../src/coder/ssh/tailnet-dialer.ts";
import { Transport } from "../../src/coder/transport.ts";
import { english } from "../../src/text/message.ts";
import { type EchoResult, EchoSession } from "./echo-session.ts";

/** Many SSH sessions over TailnetDialer, each echoing a numbered block at a steady rate. */
const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "20" },
    agents: { type: "string", default: "1000" },
    seconds: { type: "string", default: "30" },
    rate: { type: "string", default: "10" },
    bytes: { type: "string", default: "1024" },
    /** Sessions that are being opened at the same time. */
    opening: { type: "string", default: "50" },
    "per-node": { type: "string", default: "0" },
    query: { type: "string", default: "name:scaletest" },
    quiet: { type: "boolean", default: false },
    websocket: { type: "boolean", default: false },
  },
});
type NumberFlag = "sessions" | "agents" | "seconds" | "rate" | "bytes" | "per-node" | "opening";
const number = (name: NumberFlag) => Number(values[name]);
const url = process.env.CODER_URL ?? "";
const token = process.env.CODER_SESSION_TOKEN ?? "";
const startedAt = performance.now();
const say = (text: string) => {
  if (!values.quiet) console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s  ${text}`);
};

/** Agents of running workspaces, by the deployment's own list. */
async function findTargets(): Promise<DialTarget[]> {
  const query = new URLSearchParams({ q: values.query, limit: "0" });
  const answer = await fetch(`${url}/api/v2/workspaces?${query}`, {
    headers: { "coder-session-token": token },
  });
  const { workspaces } = (await answer.json()) as { workspaces: Workspace[] };
  return workspaces
    .filter((one) => one.latest_build.status === "running")
    .flatMap((one) => {
      const agent = one.latest_build.resources.flatMap((resource) => resource.agents ?? [])[0];
      if (agent?.status !== "connected") return [];
      return [{ owner: one.owner_name, workspace: one.name, agent: agent.name, agentId: agent.id, token }];
    });
}
interface Workspace {
  name: string;
  owner_name: string;
  latest_build: { status: string; resources: { agents?: { id: string; name: string; status: string }[] }[] };
}

async function main(): Promise<void> {
  const targets = (await findTargets()).slice(0, number("agents"));
  if (targets.length === 0) throw new Error("no running workspace with a connected agent");
  const transport = new Transport({ url, token, network: {} });
  const dialer = new TailnetDialer({
    transport,
    connectionsPerNode: number("per-node"),
    event: (what) => say(english(what)),
  });
  const sessions: EchoSession[] = [];
  const failed: string[] = [];
  const limit = pLimit(number("opening"));
  const open = async (index: number) => {
    const target = targets[index % targets.length];
    if (!target) return;
    const session = new EchoSession(target.workspace, number("bytes"));
    await session.open(dialer, target).then(
      () => sessions.push(session),
      (error: unknown) => failed.push(`${target.workspace}: ${String(error)}`),
    );
  };
  await Promise.all(Array.from({ length: number("sessions") }, (_, index) => limit(() => open(index))));
  const connectCpu = process.cpuUsage();
  say(`${sessions.length} sessions to ${targets.length} agents are open, ${failed.length} failed`);
  const rss = watchMemory();
  const results = await drive(sessions);
  const cpu = process.cpuUsage(connectCpu);
  const { nodes, handshakes, dropped } = dialer.stats();
  for (const session of sessions) session.close();
  await dialer.close();
  await transport.close();
  report(results, failed, cpu.user + cpu.system, rss.stop(), { nodes, handshakes, dropped });
}

/** Ticks by an absolute schedule, the sessions spread over the interval. */
async function drive(sessions: readonly EchoSession[]): Promise<EchoResult[]> {
  const intervalMs = 1000 / number("rate");
  const ticks = number("seconds") * number("rate");
  const from = performance.now();
  const timers = sessions.map(
    (session, index) =>
      new Promise<void>((resolve) => {
        let tick = 0;
        const next = () => {
          if (tick >= ticks || session.isOver) return resolve();
          session.tick();
          tick++;
          const due = from + (tick + index / sessions.length) * intervalMs;
          setTimeout(next, Math.max(0, due - performance.now()));
        };
        setTimeout(next, (index / sessions.length) * intervalMs);
      }),
  );
  const progress = setInterval(() => {
    const open = sessions.filter((session) => !session.isOver).length;
    const lag = sessions.reduce((sum, session) => sum + session.outstanding, 0);
    say(`${open} sessions, ${lag} echoes on their way, ${Math.round(process.memoryUsage.rss() / 1e6)} MB`);
  }, 30_000);
  await Promise.all(timers);
  await Promise.all(sessions.map((session) => session.drained(15_000)));
  clearInterval(progress);
  return sessions.map((session) => session.result());
}

function watchMemory(): { stop(): { most: number; first: number; last: number } } {
  const first = process.memoryUsage.rss();
  let most = first;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 250);
  return {
    stop: () => {
      clearInterval(timer);
      return { most, first, last: process.memoryUsage.rss() };
    },
  };
}

function report(
  results: readonly EchoResult[],
  failed: readonly string[],
  cpuUs: number,
  rss: { most: number; first: number; last: number },
  tailnet: { nodes: number; handshakes: number; dropped: number },
): void {
  const sum = (pick: (one: EchoResult) => number) => results.reduce((all, one) => all + pick(one), 0);
  const times = results.flatMap((one) => one.roundTripsMs).sort((a, b) => a - b);
  const at = (share: number) => Math.round((times[Math.floor(share * (times.length - 1))] ?? 0) * 10) / 10;
  const sent = sum((one) => one.sent);
  const mb = (bytes: number) => Math.round(bytes / 1024 / 1024);
  const whole = process.cpuUsage();
  const ends = new Map<string, number>();
  for (const one of results) if (one.ended) ends.set(one.ended, (ends.get(one.ended) ?? 0) + 1);
  console.log(
    JSON.stringify({
      what: "native SSH",
      sessions: results.length,
      failed: failed.slice(0, 5),
      seconds: number("seconds"),
      sent,
      echoed: sum((one) => one.echoed),
      lost: sent - sum((one) => one.echoed),
      wrong: sum((one) => one.wrong),
      ended: Object.fromEntries(ends),
      /** While the traffic went; the whole process, with its start and all handshakes, is the second. */
      cpuPerTickUs: Math.round(cpuUs / Math.max(1, sent)),
      wholeCpuPerTickUs: Math.round((whole.user + whole.system) / Math.max(1, sent)),
      cpuSeconds: Math.round(cpuUs / 1e4) / 100,
      rssMb: mb(rss.most),
      rssFirstMb: mb(rss.first),
      rssLastMb: mb(rss.last),
      roundTripMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
      retransmissions: sum((one) => one.retransmissions),
      ...tailnet,
    }),
  );
  process.exitCode = failed.length > 0 || sum((one) => one.wrong) > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
