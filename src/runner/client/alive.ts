import { connect } from "node:net";
import type { RunFile } from "../../runs/run-file.ts";

/** Whether a run's runner still listens. Its process id alone proves nothing: ids are used again. */
export function runnerListens(file: RunFile, timeoutMs = 1_000): Promise<boolean> {
  const { socket } = file.runner;
  if (!socket) return Promise.resolve(false);
  return new Promise((resolve) => {
    const attempt = connect(socket);
    const done = (listens: boolean) => {
      clearTimeout(timer);
      attempt.destroy();
      resolve(listens);
    };
    const timer = setTimeout(() => done(false), timeoutMs);
    attempt.once("connect", () => done(true));
    attempt.once("error", () => done(false));
  });
}
