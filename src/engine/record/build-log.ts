import type { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import type { Build, LogLine } from "../../coder/schemas.ts";
import type { BuildLog } from "../../protocol/messages.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

const PATIENCE_MS = 15_000;
/** Of a longer log, the end: it has to go through a socket and into an editor. */
const MOST_CHARACTERS = 2_000_000;

/**
 * The log of a workspace's newest start build, as the deployment has it now; of a deleted workspace too, for
 * as long as the deployment keeps that. Rejects with one sentence where there is none.
 */
export async function fetchBuildLog(client: CoderClient, row: WorkspaceRow | undefined): Promise<BuildLog> {
  if (!row?.workspaceId) throw new SaidError(say("the workspace has not been made"));
  const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
  try {
    const builds = await client.builds(row.workspaceId, options);
    const build = builds.find(({ transition }) => transition === "start");
    if (!build) throw new SaidError(say("the workspace was never started"));
    return logOf(row.name, build, await client.buildLogs(build.id, options));
  } catch (error) {
    if (isFailure(error, "not_found")) throw new SaidError(say("the workspace and its builds are gone"));
    throw error;
  }
}

function logOf(name: string, { job, build_number }: Build, lines: readonly LogLine[]): BuildLog {
  const build = say("{0}, build {1}: {2}", name, String(build_number), job.status);
  const head = job.completed_at ? build : say("{0}; this is the log so far", build);
  const text = byStage(lines).join("\n");
  if (text.length <= MOST_CHARACTERS) return { head, text };
  return {
    head: say("{0}; only the last {1} characters are shown", head, MOST_CHARACTERS),
    text: text.slice(-MOST_CHARACTERS),
  };
}

/** Lines under their stage's name, warnings and errors marked. */
function byStage(lines: readonly LogLine[]): string[] {
  let stage = "";
  return lines.flatMap((line) => {
    const heading = line.stage !== stage ? ["", line.stage] : [];
    stage = line.stage;
    const mark = /^(warn|error)/.test(line.log_level) ? `${line.log_level}: ` : "";
    return line.output ? [...heading, `  ${mark}${line.output}`] : heading;
  });
}
