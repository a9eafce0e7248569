import { vi } from "vitest";

/** Tries again until it passes. However busy the machine is: what never comes ends by the test's own limit. */
export function waitFor<T>(attempt: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(attempt, { timeout: 60_000, interval: 20 });
}
