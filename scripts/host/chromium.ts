import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const ELSEWHERE = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
const APT_LINE = "apt-get update && apt-get install -y --no-install-recommends chromium";

/** Arguments for a headless Chromium on a machine without GPU, which must not call out by itself. */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Path of a Chromium (or Chrome, or Edge): the one that CHROMIUM names, else one on PATH.
 * With CI=true, as root on Debian or Ubuntu, a missing one is installed. Throws, with the one line that
 * installs it, where there is none.
 */
export function chromiumPath(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.CHROMIUM;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM names ${named}, which does not exist`);
    return named;
  }
  const found = search(env);
  if (found) return found;
  if (env.CI === "true" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log(`Chromium is missing: ${APT_LINE}`);
    spawnSync("sh", ["-c", APT_LINE], { stdio: "inherit" });
    const installed = search(env);
    if (installed) return installed;
  }
  throw new Error(`Chromium is missing. Install it with: sudo sh -c '${APT_LINE}' (or set CHROMIUM)`);
}

function search(env: NodeJS.ProcessEnv): string | undefined {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const folders = (env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, `${name}${suffix}`)));
  return [...onPath, ...ELSEWHERE].find((candidate) => existsSync(candidate));
}
