import { chmodSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { reasonOf } from "../../runs/folder-error.ts";
import { makeFolder } from "../../runs/make-folder.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** A Unix socket's path may have 104 bytes on macOS and 108 on Linux, its ending zero included. */
const MAX_PATH_BYTES = 100;

/**
 * Where a run's runner listens: a named pipe on Windows, else a socket in a folder that only this user can
 * enter. Temporary folders can be deep (macOS, CI); then /tmp is used, which is short.
 */
export function socketPath(
  runId: string,
  platform: string = process.platform,
  temp: string = tmpdir(),
): string {
  if (platform === "win32") return `\\\\.\\pipe\\coder-scaletest-${runId}`;
  const folder = `coder-scaletest-${userId()}`;
  const inTemp = path.join(temp, folder, `${runId}.sock`);
  return Buffer.byteLength(inTemp) <= MAX_PATH_BYTES ? inTemp : path.join("/tmp", folder, `${runId}.sock`);
}

/** Makes the socket's folder, private. Throws where somebody else has put one there. */
export function preparePrivateFolder(socket: string): void {
  if (socket.startsWith("\\\\")) return;
  const folder = path.dirname(socket);
  try {
    makeFolder(folder);
  } catch (error) {
    throw new SaidError(
      say("the folder {0} cannot be made ({1}); set TMPDIR to another", folder, reasonOf(error)),
    );
  }
  const info = statSync(folder);
  if (info.uid !== userId())
    throw new SaidError(say("{0} belongs to somebody else; remove it, or set TMPDIR", folder));
  chmodSync(folder, 0o700);
}

/** By the process, not by the passwd file: a container's user need not be in there. */
function userId(): number {
  return process.getuid?.() ?? -1;
}
