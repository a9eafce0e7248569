import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The built product, as a person runs it. `npm run build` comes before these tests. */
export const dist = fileURLToPath(new URL("../../dist", import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command line that is running, with a home of its own. */
export class CommandLine {
  readonly child: ChildProcess;
  readonly home: string;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  #waiters = new Set<() => void>();

  /** `product`: the folder of the built product. `cwd`: where it is called. */
  constructor(
    args: readonly string[],
    env: Record<string, string | undefined> = {},
    home = newHome(),
    product = dist,
    cwd = process.cwd(),
  ) {
    this.home = home;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("CODER_"));
    this.child = spawn(process.execPath, [path.join(product, "cli.js"), ...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), CODER_SCALETEST_HOME: home, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (data) => this.#took(String(data), ""));
    this.child.stderr?.on("data", (data) => this.#took("", String(data)));
    this.ended = new Promise((resolve) =>
      this.child.once("close", (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })),
    );
  }

  /** Resolves with the match when standard error or output has one. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#stdout + this.#stderr);
        if (!match) return;
        this.#waiters.delete(look);
        resolve(match);
      };
      this.#waiters.add(look);
      void this.ended.then(() => reject(new Error(`it ended before ${pattern}: ${this.#stderr}`)));
      look();
    });
  }

  #took(out: string, err: string): void {
    this.#stdout += out;
    this.#stderr += err;
    for (const look of [...this.#waiters]) look();
  }
}

export function run(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ended> {
  const line = new CommandLine(args, env);
  return line.ended.finally(() => removeFolder(line.home));
}

export function newHome(): string {
  return mkdtempSync(path.join(tmpdir(), "scaletest-home-"));
}

/** The only run's folder in a home. */
export function runFolder(home: string): string {
  const [name, ...others] = readdirSync(path.join(home, "runs"));
  if (!name || others.length > 0) throw new Error(`${others.length + 1} runs in ${home}`);
  return path.join(home, "runs", name);
}

export function runnerPid(home: string): number {
  const file = JSON.parse(readFileSync(path.join(runFolder(home), "run.json"), "utf8")) as {
    runner: { pid: number };
  };
  return file.runner.pid;
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processes that were started for a home: its runners, and what those have started. */
export function processesOf(home: string): string[] {
  if (process.platform === "win32") return [];
  const all = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  return all.filter((line) => line.includes(home) && !line.includes("ps -eo"));
}

/** Polls a condition until it holds: for what cannot be listened to, such as another process's end. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  ms = 30_000,
): Promise<void> {
  const until = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > until) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A process that is on its way out may still write there. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
