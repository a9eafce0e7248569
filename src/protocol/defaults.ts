/**
 * Time for the command in each workspace, in milliseconds. Coder's own default is 5 s, which a command that does some
 * work does not keep to.
 */
export const DEFAULT_RUN_TIMEOUT_MS = 30_000;
