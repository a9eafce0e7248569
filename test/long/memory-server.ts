// A sandbox in a process of its own that watches its own memory; each line on its standard input is answered
// with the most that it has had so far. (The system's own figure for that begins with the parent's.)
import { createInterface } from "node:readline";
import { startSandbox } from "../../src/sandbox/server.ts";

const SAMPLE_MS = 20;
const sandbox = await startSandbox({ workspaces: 2 });
const agents = [...sandbox.deployment.workspaces.live()].flatMap(
  (one) => one.builds[0]?.resources[0]?.agents[0]?.id ?? [],
);
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
let peakRss = 0;
const look = () => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
};
setInterval(look, SAMPLE_MS).unref();
say({ url: sandbox.url, token: sandbox.token, agents });
const lines = createInterface({ input: process.stdin });
lines.on("line", () => {
  look();
  say({ peakRss });
});
lines.on("close", () => void sandbox.close());
