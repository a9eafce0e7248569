/**
 * Time for the command in each workspace, in milliseconds. Coder's own default is 5 s, which a command that does some
 * work does not keep to.
 */
export const DEFAULT_RUN_TIMEOUT_MS = 30_000;

/** Time for a whole run, without its clean-up, in milliseconds: Coder's own default. */
export const DEFAULT_TIMEOUT_MS = 30 * 60_000;
