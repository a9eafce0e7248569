/**
 * Time for the command in each workspace, in milliseconds. Coder's own default is 5 s, which a command that does some
 * work does not keep to.
 */
export const DEFAULT_RUN_TIMEOUT_MS = 30_000;

/** What a connection of traffic sends where nobody says: Coder's own defaults. */
export const DEFAULT_BYTES_PER_TICK = 1_024;
export const DEFAULT_TICK_INTERVAL_MS = 100;
