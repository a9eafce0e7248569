import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { FolderError } from "./folder-error.ts";
import { makeFolder } from "./make-folder.ts";
import { writeAtomic } from "./write-atomic.ts";

/** Whether a deployment may be loaded without further questions. What is not marked counts as production. */
export const tagSchema = z.enum(["staging", "production"]);
export type DeploymentTag = z.infer<typeof tagSchema>;

const fileSchema = z.record(z.string(), z.looseObject({ tag: tagSchema }));
const FILE = "deployments.json";

/** Tags by origin, shared by the editor and the command line. */
export async function readTags(home: string): Promise<Record<string, DeploymentTag>> {
  const text = await readFile(path.join(home, FILE), "utf8").catch(() => "{}");
  try {
    const entries = Object.entries(fileSchema.parse(JSON.parse(text)));
    return Object.fromEntries(entries.map(([origin, { tag }]) => [origin, tag]));
  } catch {
    return {};
  }
}

/** The tag of a deployment's origin; production where nobody has said otherwise. */
export async function tagOf(home: string, url: string): Promise<DeploymentTag> {
  return (await readTags(home))[new URL(url).origin] ?? "production";
}

/** Rejects with FolderError where the home cannot be written. */
export async function writeTag(home: string, url: string, tag: DeploymentTag): Promise<void> {
  const tags = { ...(await readTags(home)), [new URL(url).origin]: tag };
  const content = Object.fromEntries(Object.entries(tags).map(([origin, one]) => [origin, { tag: one }]));
  try {
    makeFolder(home);
    await writeAtomic(path.join(home, FILE), `${JSON.stringify(content, null, 2)}\n`);
  } catch (error) {
    throw new FolderError(home, error);
  }
}
