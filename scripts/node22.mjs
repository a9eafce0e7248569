// The oldest Node that the product supports, from the npm registry, kept in a cache folder.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

const VERSION = "22.13.0";

/** Path of its executable; undefined where the registry has none for this machine. */
export function node22() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
  const folder = path.join(cache, "coder-scaletest", `node-${VERSION}`);
  const executable = path.join(folder, "node_modules", name, "bin", platform === "win" ? "node.exe" : "node");
  if (existsSync(executable)) return executable;
  mkdirSync(folder, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  try {
    execFileSync(
      npm,
      ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `${name}@${VERSION}`],
      {
        stdio: ["ignore", "ignore", "inherit"],
        shell: process.platform === "win32",
      },
    );
  } catch {
    return undefined;
  }
  return existsSync(executable) ? executable : undefined;
}
