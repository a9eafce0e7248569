import { readFile, rm } from "node:fs/promises";
import * as z from "zod";
import type { CreateWorkspacesRequest } from "../create/request.ts";
import { quickstartFile } from "./quickstart-file.ts";

const quickstartSchema = z.object({
  url: z.url(),
  token: z.string(),
  run: z
    .looseObject({
      template: z.string(),
      count: z.number(),
      concurrency: z.number().optional(),
      runCommand: z.string().optional(),
      parameters: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

export interface Quickstart {
  url: string;
  token: string;
  /** A run to start; none: somebody is only to be signed in. */
  request: CreateWorkspacesRequest | undefined;
}

/**
 * What `npm start` and F5 ask for: a deployment to sign in to, and a run to start. The file, readable by its owner
 * only, is used once: it holds a token.
 */
export async function takeQuickstart(env: NodeJS.ProcessEnv = process.env): Promise<Quickstart | undefined> {
  const file = quickstartFile(env);
  if (!file) return undefined;
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  await rm(file, { force: true });
  const { url, token, run } = quickstartSchema.parse(JSON.parse(text));
  if (!run) return { url, token, request: undefined };
  const { template, count, concurrency, runCommand, parameters, ...config } = run;
  const request: CreateWorkspacesRequest = {
    url,
    template,
    count,
    concurrency: concurrency ?? 0,
    runCommand: runCommand ?? "",
    parameters: parameters ?? {},
    config,
    start: true,
  };
  return { url, token, request };
}
