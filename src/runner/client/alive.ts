import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { RunFile } from "../../runs/run-file.ts";

/** A runner whose socket was removed makes it again within its heartbeat; until then its process is seen. */
const PATIENCE_MS = 3_000;
const PAUSE_MS = 250;

/**
 * Whether a run's runner still lives: it listens. Its process id alone proves nothing, since ids are used
 * again, but while that process exists a missing socket is given a moment to come back.
 */
export async function runnerListens(file: RunFile): Promise<boolean> {
  const { socket, pid } = file.runner;
  if (!socket) return false;
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    if (await listens(socket)) return true;
    if (pid === undefined || !exists(pid) || Date.now() > until) return false;
    await delay(PAUSE_MS);
  }
}

function listens(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socket);
    const done = (result: boolean) => {
      clearTimeout(timer);
      attempt.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => done(false), 1_000);
    attempt.once("connect", () => done(true));
    attempt.once("error", () => done(false));
  });
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
