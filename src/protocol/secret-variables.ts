export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that hold tokens, and values that may be secret. */
const SECRET = new Set([
  "CODER_SESSION_TOKEN",
  "CODER_SCALETEST_TOKEN",
  "CODER_SCALETEST_TOKEN_COMMAND",
  "CODER_SCALETEST_TRACE_HONEYCOMB_API_KEY",
  "CODER_SCALETEST_SERVER_METRICS_TOKEN",
  "CODER_SCALETEST_PG_URL",
  "CODER_RICH_PARAMETER",
  "CODER_HEADER",
  "CODER_HEADER_COMMAND",
]);

/**
 * An environment for a process of ours that is to know none of them: it gets what it needs of them in another way. Names
 * do not differ by case, as on Windows.
 */
export function withoutSecrets(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.has(name.toUpperCase())));
}
