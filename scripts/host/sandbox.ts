import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";

export interface Sandbox {
  url: string;
  token: string;
  stop(): void;
}

/** Starts the built command line's sandbox; it ends with this process. */
export function startSandbox(root: string, flags: readonly string[] = []): Promise<Sandbox> {
  const child = spawn(process.execPath, [path.join(root, "dist", "cli.js"), "sandbox", "--json", ...flags], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the sandbox ended (exit status ${code})`)));
    createInterface(child.stdout).once("line", (line) => {
      const { url, token } = JSON.parse(line) as { url: string; token: string };
      resolve({ url, token, stop: () => void child.kill("SIGTERM") });
    });
  });
}
