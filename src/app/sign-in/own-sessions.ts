import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { FolderError } from "../../runs/folder-error.ts";
import { makeFolder } from "../../runs/make-folder.ts";
import { writeAtomic } from "../../runs/write-atomic.ts";

const sessionSchema = z.object({ url: z.string(), token: z.string(), username: z.string() });
/** Who is signed in where. */
export type OwnSession = z.infer<typeof sessionSchema>;

const fileSchema = z.object({
  version: z.literal(1),
  /** By origin, the one that was signed in to last at the end. */
  sessions: z.record(z.string(), sessionSchema),
});

const FILE = "sessions.json";

/** The command line's own sessions, the newest first; none where the file cannot be read. */
export async function ownSessions(home: string): Promise<OwnSession[]> {
  return Object.values(await read(home)).reverse();
}

/** The one of a deployment. */
export async function ownSession(home: string, origin: string): Promise<OwnSession | undefined> {
  return (await read(home))[origin];
}

/** Keeps a session in a file that only its owner may read. Rejects with FolderError where it cannot be written. */
export async function keepSession(home: string, session: OwnSession): Promise<void> {
  const { origin } = new URL(session.url);
  const { [origin]: _former, ...others } = await read(home);
  await write(home, { ...others, [origin]: session });
}

/** True where there was one. */
export async function forgetSession(home: string, origin: string): Promise<boolean> {
  const { [origin]: former, ...others } = await read(home);
  if (former) await write(home, others);
  return former !== undefined;
}

type Sessions = Record<string, OwnSession>;

async function read(home: string): Promise<Sessions> {
  const text = await readFile(path.join(home, FILE), "utf8").catch(() => "");
  try {
    return fileSchema.parse(JSON.parse(text)).sessions;
  } catch {
    return {};
  }
}

async function write(home: string, sessions: Sessions): Promise<void> {
  try {
    makeFolder(home);
    await writeAtomic(path.join(home, FILE), `${JSON.stringify({ version: 1, sessions }, null, 2)}\n`);
  } catch (error) {
    throw new FolderError(home, error);
  }
}
