import fc from "fast-check";

/** `npm run test:fuzz` sets it to a hundred: as many times the runs of every property. */
export const EFFORT = Number(process.env.FUZZ_EFFORT ?? 1);

fc.configureGlobal({ numRuns: 100 * EFFORT });
