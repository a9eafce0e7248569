/** Deletes what scale tests have left on a deployment. */
export const CLEANUP = "cleanup";
/** Deletes what the journal of one run still names. */
export const RECOVERY = "recover";
