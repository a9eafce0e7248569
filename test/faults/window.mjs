// A window's process, as far as a run is concerned: it starts one that is not to end with it, says which, and
// stays. `node window.mjs RUNS URL TOKEN RUNNER`
import { oneStep } from "../../src/protocol/step-request.ts";
import { startRun } from "../../src/runner/client/start.ts";

const [runs, url, token, runnerPath] = process.argv.slice(2);
const run = await startRun({
  runs,
  runnerPath,
  title: "from a window",
  steps: oneStep("create-workspaces", {
    template: "kubernetes",
    count: 20,
    concurrency: 0,
    ssh: false,
    runCommand: "sleep 4",
    runTimeoutMs: 60_000,
  }),
  target: { url, token, network: {} },
  guard: { tag: "production", limits: {} },
  endWithClient: false,
  client: "editor",
  product: "0",
});
console.log(run.runId);
setInterval(() => undefined, 1_000);
