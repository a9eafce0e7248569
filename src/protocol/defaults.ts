/** What a connection of traffic sends where nobody says: Coder's own defaults. */
export const DEFAULT_BYTES_PER_TICK = 1_024;
export const DEFAULT_TICK_INTERVAL_MS = 100;
