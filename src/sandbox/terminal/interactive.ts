import { STUCK_BYTES } from "../limits.ts";
import { type Io, type Session, until } from "./process.ts";
import { runShell } from "./shell.ts";

/**
 * A login shell: prompts, reads lines, runs each. Line editing is the terminal's own, not readline's.
 * @param onInterrupt is given what ^C does: a new prompt, or the end of the running command
 */
export async function runInteractive(
  io: Io,
  session: Session,
  onInterrupt: (interrupt: () => void) => void,
): Promise<number> {
  const prompt = Buffer.from(`${session.machine.user}@${session.machine.hostname}:~$ `);
  const lines = new Lines();
  onInterrupt(() => {
    io.stdout(Buffer.from("\n"));
    io.stdout(prompt);
  });
  const showPrompt = () => io.stdout(prompt);
  for (;;) {
    showPrompt();
    const line = await lines.next(io, session).catch(() => undefined);
    if (line === undefined) return session.status;
    const running = new AbortController();
    const stopAll = () => running.abort();
    session.stop.addEventListener("abort", stopAll);
    onInterrupt(() => running.abort());
    const command = line.trim();
    const exit = /^exit(\s+(\d+))?$/.exec(command);
    if (exit) return Number(exit[2] ?? session.status);
    if (command) {
      const inner = { ...session, stop: running.signal };
      session.status = await runShell(command, io, inner);
      if (running.signal.aborted && !session.stop.aborted) io.stdout(Buffer.from("\n"));
    }
    session.stop.removeEventListener("abort", stopAll);
    onInterrupt(() => {
      io.stdout(Buffer.from("\n"));
      showPrompt();
    });
    if (session.stop.aborted) return session.status;
  }
}

/** Lines of the input; what comes after the first one waits for its turn. */
class Lines {
  #waiting: string[] = [];
  #part = "";

  #take(): string {
    const part = this.#part;
    this.#part = "";
    return part;
  }

  next(io: Io, session: Session): Promise<string | undefined> {
    const ready = this.#waiting.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    return until(session, (done) =>
      io.stdin.attach({
        data: (bytes) => {
          const [first, ...rest] = (this.#part + bytes.toString("utf8")).split("\n");
          const more = rest.pop();
          if (more === undefined) {
            this.#part = first ?? "";
            // A line without an end is one all the same.
            if (this.#part.length > STUCK_BYTES) done(this.#take());
            return;
          }
          this.#part = more;
          this.#waiting.push(...rest);
          done(first);
        },
        end: () => done(undefined),
      }),
    );
  }
}
