import { chmodSync, statSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../../runs/folder-error.ts";
import { makeFolder } from "../../runs/make-folder.ts";
import { userId } from "../../system/user-id.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

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
