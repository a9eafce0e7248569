/** What a connection of traffic sends where nobody says: Coder's own defaults. */
export const DEFAULT_BYTES_PER_TICK = 1_024;
export const DEFAULT_TICK_INTERVAL_MS = 100;

/** Time for a whole run, without its clean-up, in milliseconds: Coder's own default. */
export const DEFAULT_TIMEOUT_MS = 30 * 60_000;
