import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const PATIENCE_MS = 15_000;

/**
 * Ends the runs that are under way in a home of the product. Runners outlive the window that started them;
 * whoever takes their sandbox away has to end them first. They get the time to clean up.
 */
export async function stopRunners(home: string): Promise<void> {
  const pids = runnerPids(path.join(home, "runs"));
  for (const pid of pids) signal(pid, "SIGTERM");
  const deadline = Date.now() + PATIENCE_MS;
  while (pids.some(lives) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  for (const pid of pids.filter(lives)) signal(pid, "SIGKILL");
}

/** Of runs without a result: an ended run's process id may be another's by now. */
function runnerPids(runs: string): number[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs).flatMap((name) => {
    const folder = path.join(runs, name);
    const file = path.join(folder, "run.json");
    if (!existsSync(file) || existsSync(path.join(folder, "result.json"))) return [];
    const pid: unknown = JSON.parse(readFileSync(file, "utf8")).runner?.pid;
    return typeof pid === "number" ? [pid] : [];
  });
}

function lives(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
