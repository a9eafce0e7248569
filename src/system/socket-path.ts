import { tmpdir } from "node:os";
import path from "node:path";
import { userId } from "./user-id.ts";

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
  const inTemp = path.posix.join(temp, folder, `${runId}.sock`);
  return Buffer.byteLength(inTemp) <= MAX_PATH_BYTES
    ? inTemp
    : path.posix.join("/tmp", folder, `${runId}.sock`);
}
