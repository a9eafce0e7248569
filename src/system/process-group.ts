import { type ChildProcess, execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const GRACE_MS = 2_000;
/** Nobody can resist that, but it may take a moment. */
const KILL_MS = 500;
const LOOK_MS = 25;

/**
 * Options of a process that heads a group of its own, which can be ended with all that is in it. Windows ends by
 * parentage instead.
 */
export const OWN_GROUP = { detached: process.platform !== "win32", windowsHide: true };

/**
 * Asks a process that was started as the head of a group of its own, and all that it has started, to end; then makes
 * them. Resolves when they are gone. Harmless where they are gone already. Windows has no such groups: there the process
 * and its children are ended at once.
 */
export async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return;
  if (process.platform === "win32") return endTree(pid);
  if (!signalGroup(pid, "SIGTERM") || (await isGone(pid, GRACE_MS))) return;
  signalGroup(pid, "SIGKILL");
  await isGone(pid, KILL_MS);
}

/** Whether nobody is left in the group before the time is over. */
async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; Date.now() < until; ) {
    await delay(LOOK_MS);
    if (!signalGroup(pid, 0)) return true;
  }
  return false;
}

/** False where nobody is left in the group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

function endTree(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile("taskkill", ["/PID", String(pid), "/T", "/F"], { windowsHide: true }, (error) => {
      // At least the process itself.
      if (error) signalOne(pid);
      resolve();
    });
  });
}

function signalOne(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // It is gone.
  }
}
