const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/**
 * What the names of all that a step makes begin with: of a run of one step, `scaletest-RUN-`; of several, each has a
 * letter of its own, `scaletest-RUN-a-`, so that none begins as another's do. `at` counts from 0.
 */
export function stepPrefix(runId: string, at: number, steps: number): string {
  return `scaletest-${runId}-${steps > 1 ? `${lettersOf(at)}-` : ""}`;
}

function lettersOf(at: number): string {
  const last = LETTERS[at % LETTERS.length] ?? "a";
  return at < LETTERS.length ? last : `${lettersOf(Math.floor(at / LETTERS.length) - 1)}${last}`;
}
