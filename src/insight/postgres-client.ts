import { Client, DatabaseError } from "pg";
import { parse } from "pg-connection-string";
import { networkError } from "../coder/network-error.ts";
import { withCertificates } from "../coder/tls.ts";
import type { PostgresServer } from "../protocol/server-source.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

const STATEMENT_MS = 2_000;
const CONNECT_MS = 5_000;

/**
 * One connection that can only read, and whose statements end after two seconds. What the connection string says
 * otherwise does not count. Its errors have neither the address nor the user in them.
 */
export class PostgresClient {
  readonly #server: PostgresServer;
  #client: Client | undefined;

  constructor(server: PostgresServer) {
    this.#server = server;
  }

  /** Rejects with one line; the next call connects anew. */
  async rows(statement: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    try {
      this.#client ??= await this.#connect();
      const { rows } = await this.#client.query<Record<string, unknown>>(statement, values);
      return rows;
    } catch (error) {
      // A statement that was refused leaves the connection as it was.
      if (!(error instanceof DatabaseError) || !/^(?:42|55|57014)/.test(error.code ?? "")) await this.close();
      throw new SaidError(problemOf(error), { cause: error });
    }
  }

  async #connect(): Promise<Client> {
    const client = new Client(configOf(this.#server));
    client.on("error", () => {
      if (this.#client === client) this.#client = undefined;
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}

/** Throws where the connection string cannot be read: its files, say. */
function configOf({ url, ca }: PostgresServer): ConstructorParameters<typeof Client>[0] {
  const { host, port, user, password, database, ssl } = parse(
    // What the library takes for the same it warns of.
    url.replace(/([?&]sslmode=)(?:require|verify-ca)(?=&|$)/, "$1verify-full"),
  );
  return {
    ...(host ? { host } : {}),
    ...(port ? { port: Number(port) } : {}),
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
    ...(database ? { database } : {}),
    ...(ssl ? { ssl: withCertificates(tlsOf(ssl), ca) } : {}),
    application_name: "coder-scaletest",
    options: "-c default_transaction_read_only=on",
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + 1_000,
    connectionTimeoutMillis: CONNECT_MS,
  };
}

/** Of the files that the connection string names. */
function tlsOf(ssl: ReturnType<typeof parse>["ssl"]): { ca?: string; cert?: string; key?: string } {
  if (typeof ssl !== "object") return {};
  const { ca, cert, key } = ssl;
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

/** Nothing of PostgreSQL's own words: they have names in them. */
function problemOf(error: unknown): Message {
  const code = error instanceof DatabaseError ? (error.code ?? "") : "";
  if (code.startsWith("28")) return say("PostgreSQL refuses the user or the password");
  switch (code) {
    case "3D000":
      return say("the database of the address does not exist");
    case "53300":
      return say("PostgreSQL has no connection left for it");
    case "57014":
      return say("the statement was cancelled: it took longer than {0} s", STATEMENT_MS / 1_000);
    case "42501":
      return say("the user may not read that");
    case "":
      return ofNetwork(error);
    default:
      return say("PostgreSQL refuses it ({0})", code);
  }
}

function ofNetwork(error: unknown): Message {
  const text = error instanceof Error ? error.message : "";
  if (/timeout/i.test(text)) return say("no answer in time");
  if (/does not support SSL/i.test(text))
    return say("the server speaks no TLS: sslmode=disable goes without");
  if (/terminated|ended/i.test(text)) return say("the connection was lost");
  const { code } = error as { code?: unknown };
  return typeof code === "string"
    ? networkError("", error).failure.message
    : say("the connection cannot be made");
}
