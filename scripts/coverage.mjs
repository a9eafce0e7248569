// `npm run coverage`: which share of the lines of each folder of src the fast tests reach. `npm run coverage -- 85 engine
// workloads` fails where one of these folders is below that share.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "scaletest-coverage-"));
const [least, ...held] = process.argv.slice(2);
try {
  const flags = ["--coverage", "--coverage.include=src/**", "--coverage.reporter=json-summary"];
  const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
  const args = [
    "run",
    "test/unit",
    "test/compat",
    ...flags,
    `--coverage.reportsDirectory=${folder}`,
    "--reporter=dot",
  ];
  execFileSync(process.execPath, [vitest, ...args], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const summary = JSON.parse(readFileSync(path.join(folder, "coverage-summary.json"), "utf8"));
  const byFolder = sums(summary);
  for (const [name, { covered, total }] of byFolder)
    console.log(`${name.padEnd(12)} ${((100 * covered) / total).toFixed(1).padStart(5)} % of ${total} lines`);
  const low = held.filter((name) => {
    const { covered, total } = byFolder.get(name) ?? { covered: 0, total: 1 };
    return (100 * covered) / total < Number(least);
  });
  if (low.length > 0) throw new Error(`below ${least} %: ${low.join(", ")}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Lines by the first folder in src, in the order of their names. */
function sums(summary) {
  const byFolder = new Map();
  for (const [file, { lines }] of Object.entries(summary)) {
    const [name, ...more] = path.relative(path.join(root, "src"), file).split(path.sep);
    if (file === "total" || more.length === 0) continue;
    const sum = byFolder.get(name) ?? { covered: 0, total: 0 };
    byFolder.set(name, { covered: sum.covered + lines.covered, total: sum.total + lines.total });
  }
  return new Map([...byFolder].sort(([a], [b]) => (a < b ? -1 : 1)));
}
