/** What says how a window is to begin; none of a window that a person opens. */
export function quickstartFile(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.CODER_SCALETEST_QUICKSTART || undefined;
}
