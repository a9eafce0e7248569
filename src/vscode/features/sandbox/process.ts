import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as z from "zod";
import { t } from "../../../l10n/text.ts";
import type { Log } from "../../host.ts";

const announcement = z.object({ url: z.url(), token: z.string() });
export type SandboxAddress = z.infer<typeof announcement>;

const READY_MS = 20_000;

/** The simulated deployment, in a process that ends with this one: it lives as long as its standard input. */
export class SandboxProcess {
  readonly #cli: string;
  readonly #log: Log;
  readonly #ended: () => void;
  #child: ChildProcess | undefined;
  #starting: Promise<SandboxAddress> | undefined;

  /** `cli` is dist/cli.js; `ended` is called when a sandbox that was up is gone, for whatever reason. */
  constructor(cli: string, log: Log, ended: () => void) {
    this.#cli = cli;
    this.#log = log;
    this.#ended = ended;
  }

  get running(): boolean {
    return this.#starting !== undefined;
  }

  /** Resolves with its address and an owner's token. Asked twice, it is the same one. */
  start(): Promise<SandboxAddress> {
    this.#starting ??= this.#spawn().catch((error: unknown) => {
      this.stop();
      throw error;
    });
    return this.#starting;
  }

  stop(): void {
    this.#starting = undefined;
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    child.stdin?.end();
    child.kill("SIGTERM");
  }

  #spawn(): Promise<SandboxAddress> {
    const child = spawn(process.execPath, [this.#cli, "sandbox", "--json"], {
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
      env: sandboxEnvironment(process.env),
    });
    this.#child = child;
    if (child.stderr) createInterface(child.stderr).on("line", (line) => this.#log.info(`sandbox: ${line}`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(t("The sandbox did not start in time"))), READY_MS);
      child.once("error", (error) =>
        reject(new Error(t("The sandbox could not be started: {0}", error.message))),
      );
      child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(t("The sandbox ended (exit status {0})", String(code))));
        if (this.#child !== child) return;
        this.#child = undefined;
        this.#starting = undefined;
        this.#ended();
      });
      if (!child.stdout) return;
      createInterface(child.stdout).once("line", (line) => {
        clearTimeout(timer);
        const address = announcement.safeParse(parseLine(line));
        if (address.success) resolve(address.data);
        else reject(new Error(t("The sandbox did not say where it is")));
      });
    });
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** VS Code's own variables would make a child of it misbehave. */
function sandboxEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("VSCODE_"));
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: "1" };
}
