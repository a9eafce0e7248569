// The property tests of the tailnet with a hundred times the runs, or as many as are asked for:
//   npm run test:fuzz -- 20
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const effort = Number(process.argv[2] ?? 100);
const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const child = spawn(
  process.execPath,
  [vitest, "run", "test/unit/tailnet", "--testTimeout", String(effort * 60_000)],
  { cwd: root, stdio: "inherit", env: { ...process.env, FUZZ_EFFORT: String(effort) } },
);
child.once("exit", (code) => {
  process.exitCode = code ?? 1;
});
