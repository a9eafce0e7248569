import { afterEach, beforeEach, vi } from "vitest";

/** Timers and clocks of the test's own: minutes pass in a moment. Files are written for real. */
export function virtualTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
    });
  });
  afterEach(() => void vi.useRealTimers());
}

const STEP_MS = 250;

/** Lets time pass, and what happens in it happen: also what waits for a file in between. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    await settled();
    await vi.advanceTimersByTimeAsync(Math.min(left, STEP_MS));
  }
  await settled();
}

/** Resolves with what the work comes to, letting time pass until it does; rejects after `limitMs` of it. */
export async function inTime<T>(work: Promise<T>, limitMs = 3_600_000): Promise<T> {
  let isOver = false;
  const watched = work.finally(() => {
    isOver = true;
  });
  for (let passed = 0; !isOver; passed += STEP_MS) {
    if (passed > limitMs) throw new Error(`not over after ${limitMs} ms`);
    await pass(STEP_MS);
  }
  return watched;
}

/** Waits for files that are being read or written: those take real time, however busy the machine is. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 4; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const isBusy = process.getActiveResourcesInfo().some((name) => /^(FSReq|FileHandleCloseReq)/.test(name));
    quiet = isBusy ? 0 : quiet + 1;
  }
}
