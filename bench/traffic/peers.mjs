// The peers of the bench, from the registries into a cache folder; each is left out where it is not to be had.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

const K6 = "go.k6.io/k6@v1.8.1";
const ARTILLERY = "artillery@2.0.34";

export const cache = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"),
  "coder-scaletest",
  "bench",
);

/** Path of k6, built with Go where it is not there yet; undefined where there is no Go. */
export function k6() {
  const binary = path.join(cache, process.platform === "win32" ? "k6.exe" : "k6");
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  try {
    console.error(`building ${K6}; this takes minutes, once`);
    execFileSync("go", ["install", K6], {
      env: { ...process.env, GOBIN: cache, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "auto" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Path of artillery's command; undefined where npm cannot install it. */
export function artillery() {
  const folder = path.join(cache, "artillery");
  const command = path.join(folder, "node_modules", "artillery", "bin", "run");
  if (existsSync(command)) return command;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), "{}");
  try {
    console.error(`installing ${ARTILLERY}; once`);
    execFileSync(
      "npm",
      ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", ARTILLERY],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    return existsSync(command) ? command : undefined;
  } catch {
    return undefined;
  }
}
