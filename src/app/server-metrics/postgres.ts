import { ServerMetricsError } from "../../contract/server-words.ts";
import type { PostgresServer } from "../../protocol/server-source.ts";
import { say } from "../../text/message.ts";
import { type Environment, type NetworkSettings, networkTo } from "../target/network.ts";
import { textOfFile } from "./token.ts";

const VARIABLE = "CODER_SCALETEST_PG_URL";
const FILE_VARIABLE = "CODER_SCALETEST_PG_URL_FILE";

/** Whether the environment names a database; nothing else may, for its address has a password in it. */
export function namesPostgres(env: Environment): boolean {
  return Boolean(env[VARIABLE] || env[FILE_VARIABLE]);
}

/** The database that the environment names. Rejects with ServerMetricsError, which repeats nothing of the address. */
export async function postgresOf(env: Environment, settings?: NetworkSettings): Promise<PostgresServer> {
  const file = env[FILE_VARIABLE];
  const url = (env[VARIABLE] || (file ? await textOfFile(file, FILE_VARIABLE) : "")).trim();
  if (url === "")
    throw new ServerMetricsError(
      say(
        "server metrics: postgres needs its connection string in {0}, or in a file that {1} names",
        VARIABLE,
        FILE_VARIABLE,
      ),
    );
  const named = env[VARIABLE] ? VARIABLE : FILE_VARIABLE;
  if (!/^postgres(?:ql)?:\/\/\S+$/.test(url))
    throw new ServerMetricsError(
      say("{0} is no connection string such as postgres://user:password@host:5432/coder", named),
    );
  if (/[?&](?:sslmode=(?:no-verify|allow|prefer)|uselibpqcompat=true)\b/i.test(url))
    throw new ServerMetricsError(
      say(
        "{0} asks for TLS without a check of the certificate: sslmode is verify-full, require or disable",
        named,
      ),
    );
  // What the policy trusts; a proxy of HTTP takes no connection of PostgreSQL's.
  const { ca } = await networkTo("https://localhost", { env, ...(settings ? { settings } : {}) });
  return { kind: "postgres", url, ...(ca ? { ca } : {}) };
}
