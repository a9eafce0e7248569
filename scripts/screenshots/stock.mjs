// Runs that have ended, of every kind, for pictures of what shows them.

const CREATE = ["create-workspaces", "--template", "kubernetes", "--no-ssh", "--concurrency", "0"];

/** A sandbox that carries 250 messages a second. */
export const SMALL = [
  "--daemons",
  "10",
  "--build-time",
  "1s-2s",
  "--model",
  "coderd-cores=1",
  "--model",
  "message-ms=4",
];

/** By name of the file. */
export const SCENARIOS = {
  "smoke.scaletest.yaml": `name: Smoke
template: kubernetes
steps:
  - create: { count: 2, concurrency: 0 }
thresholds: [failures.rate < 1%]
`,
  "nightly/soak.scaletest.yaml": `name: Nightly soak
template: kubernetes
steps:
  - create: { count: 40, concurrency: 10 }
  - traffic: { over: terminal, rate: 4KB/s }
    name: terminals
    ramp: 1m
    hold: 20m
thresholds: [ready.p95 < 2m, "round_trip{step=terminals}.p95 < 200ms"]
`,
  "capacity.scaletest.yaml": `name: Capacity
steps:
  - traffic: { over: terminal, rate: 4KB/s }
    name: terminals
thresholds: ["round_trip.p95 < 200ms"]
search: { vary: connections, from: 10, to: 500 }
`,
};

/** One that passed and kept its workspaces, one that failed, one that broke a threshold, and traffic. */
export const ENDED = [
  [...CREATE, "--count", "12", "--no-cleanup"],
  [...CREATE, "--count", "20", "--threshold", "ready.p95<2m", "--run-command", "echo hello"],
  [...CREATE, "--count", "20", "--run-command", "sleep 1 && echo hello"],
  ["create-workspaces", "--template", "failing-build", "--count", "5", "--concurrency", "0", "--no-ssh"],
  [...CREATE, "--count", "8", "--threshold", "ready.p95<1s"],
  // Nobody said what has to hold, and half of what is offered comes back.
  ["workspace-traffic", "--rate", "5KB/s", "--tick-interval", "40ms", "--duration", "12s"],
  ["run", "smoke.scaletest.yaml"],
];
