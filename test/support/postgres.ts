import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import { waitFor } from "./wait-for.ts";

const [BIN] = globSync("/usr/lib/postgresql/*/bin").sort().reverse();

/** PostgreSQL refuses to run as root. */
function user(): { uid?: number; gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  try {
    const [uid, gid] = ["-u", "-g"].map((flag) =>
      Number(execFileSync("id", [flag, "postgres"], { stdio: "pipe" })),
    );
    return { uid: uid ?? 0, gid: gid ?? 0 };
  } catch {
    return undefined;
  }
}

/** Why no server can be started here; undefined where one can. */
export function noPostgres(): string | undefined {
  if (!BIN || !existsSync(path.join(BIN, "initdb"))) return "there is no PostgreSQL on this machine";
  return user() ? undefined : "there is no user postgres, and root may not run it";
}

export interface RealPostgres {
  url: string;
  port: number;
  /** A new connection of the owner. */
  connect(): Promise<Client>;
  close(): Promise<void>;
}

/** A real server in a folder of its own, with the extension pg_stat_statements loaded, and not made yet. */
export async function startPostgres(): Promise<RealPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), "scaletest-pg-"));
  const as = user() ?? {};
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid);
  const data = path.join(folder, "data");
  const bin = (name: string) => path.join(BIN ?? "", name);
  execFileSync(bin("initdb"), ["-D", data, "-U", "owner", "-A", "trust", "--no-sync"], {
    ...as,
    cwd: folder,
    stdio: "pipe",
  });
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${folder}`,
    "fsync=off",
    "shared_preload_libraries=pg_stat_statements",
    "max_connections=20",
  ];
  const server = spawn(bin("postgres"), ["-D", data, ...settings.flatMap((one) => ["-c", one])], {
    ...as,
    cwd: folder,
    stdio: "ignore",
  });
  const url = `postgres://owner@127.0.0.1:${port}/postgres`;
  const connect = async () => {
    const client = new Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  await waitFor(async () => (await connect()).end());
  return {
    url,
    port,
    connect,
    close: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      // At once, without a checkpoint.
      server.kill("SIGQUIT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
