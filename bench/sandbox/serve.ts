// A sandbox in a process of its own; each line on its standard input is answered with what it has used.
import { createInterface } from "node:readline";
import { startSandbox } from "../../src/sandbox/server.ts";

const workspaces = Number(process.argv[2] ?? 0);
const sandbox = await startSandbox({ workspaces });
const agents = [...sandbox.deployment.workspaces.live()].flatMap(
  (one) => one.builds[0]?.resources[0]?.agents[0]?.id ?? [],
);
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
say({ url: sandbox.url, token: sandbox.token, agents });

const lines = createInterface({ input: process.stdin });
lines.on("line", () => {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  say({ cpuMs: (user + system) / 1000, rss, heapUsed });
});
lines.on("close", () => void sandbox.close());
