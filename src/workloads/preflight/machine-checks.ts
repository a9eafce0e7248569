import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { isSameOrigin } from "../../coder/origin.ts";
import type { Check } from "../../protocol/check.ts";
import { foreign, type Message, say } from "../../text/message.ts";

/** A watch and a terminal, and a share of the pooled connections and helper processes. */
const FILES_PER_WORKSPACE = 3;
const FILES_BASE = 200;

/** How many files this process may have open; undefined where that is not limited or not known. */
export async function openFileLimit(): Promise<number | undefined> {
  if (process.platform === "win32") return undefined;
  // Node raises its own soft limit to the hard one at its start, and has no way to read it: a child tells.
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", "ulimit -n"]);
  const limit = Number(stdout.trim());
  return Number.isFinite(limit) ? limit : undefined;
}

export function checkOpenFiles(
  limit: number | undefined,
  workspaces: number,
  perWorkspace: number = FILES_PER_WORKSPACE,
): Check {
  const needed = FILES_BASE + perWorkspace * workspaces;
  const check = { id: "open_files", label: say("Open files") };
  if (limit === undefined) return { ...check, status: "ok", figure: say("no limit") };
  const figure = say("{0} allowed, about {1} needed", limit, needed);
  if (limit >= needed) return { ...check, status: "ok", figure };
  return {
    ...check,
    status: "blocks",
    figure,
    mend: say('run "{0}" first, then start this again', `ulimit -n ${nextPowerOfTwo(needed)}`),
  };
}

function nextPowerOfTwo(n: number): number {
  return 2 ** Math.ceil(Math.log2(n));
}

/** Where the load would come from, and whether that place may go away in the middle of it. */
export function checkOrigin(
  targetUrl: string,
  env: NodeJS.ProcessEnv = process.env,
  exists: (path: string) => boolean = existsSync,
): Check {
  const check = { id: "load_origin", label: say("Load comes from") };
  const agentUrl = env.CODER_AGENT_URL ?? env.CODER_URL_FROM_AGENT;
  const inWorkspace = Boolean(env.CODER_WORKSPACE_ID ?? env.CODER_WORKSPACE_NAME ?? agentUrl);
  if (inWorkspace) {
    const same = agentUrl !== undefined && isSameOrigin(agentUrl, targetUrl);
    return {
      ...check,
      status: "warning",
      figure: same
        ? say("{0}, a Coder workspace of the deployment under test", hostname())
        : say("{0}, a Coder workspace", hostname()),
      mend: say(
        "it may be stopped during the run; keep the run's id to clean up from elsewhere: coder-scaletest cleanup --run ID",
      ),
    };
  }
  // Most people's load comes from one: whoever keeps something is told by which command it is found elsewhere.
  if (exists("/.dockerenv") || exists("/run/.containerenv") || env.KUBERNETES_SERVICE_HOST)
    return {
      ...check,
      status: "ok",
      figure: say("{0}, a container: its run folders are lost with it", hostname()),
    };
  return { ...check, status: "ok", figure: sayHost(env) };
}

function sayHost(env: NodeJS.ProcessEnv): Message {
  if (env.SSH_CONNECTION) return say("{0}, over SSH", hostname());
  if (env.WSL_DISTRO_NAME) return foreign(`${hostname()}, WSL (${env.WSL_DISTRO_NAME})`);
  return foreign(hostname());
}
