import { readFile } from "node:fs/promises";
import { ServerMetricsError } from "../../contract/server-words.ts";
import { say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";

export const TOKEN_VARIABLE = "CODER_SCALETEST_SERVER_METRICS_TOKEN";
export const TOKEN_FILE_VARIABLE = "CODER_SCALETEST_SERVER_METRICS_TOKEN_FILE";

/** The bearer token for pages of metrics; undefined where none is set. Rejects with ServerMetricsError. */
export async function pageToken(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const file = env[TOKEN_FILE_VARIABLE];
  const token = (env[TOKEN_VARIABLE] || (file ? await textOfFile(file, TOKEN_FILE_VARIABLE) : "")).trim();
  if (token === "") return undefined;
  // RFC 6750: what else there is could not be sent.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ServerMetricsError(
    say("{0} is no bearer token: it has spaces or other letters in it", named(env)),
  );
}

function named(env: Readonly<Record<string, string | undefined>>): string {
  return env[TOKEN_VARIABLE] ? TOKEN_VARIABLE : TOKEN_FILE_VARIABLE;
}

/** `named`: the variable that names it. Rejects with ServerMetricsError. */
export async function textOfFile(file: string, named: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ServerMetricsError(say("{0} cannot be read ({1})", named, saidOf(error)));
  }
}
