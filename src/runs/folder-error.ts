import { getSystemErrorMessage } from "node:util";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/** A folder of this product cannot be made or written. The front ends add how another one is named. */
export class FolderError extends SaidError {
  override readonly name = "FolderError";
  readonly folder: string;
  /** The system's: `EACCES`, `ENOSPC`. */
  readonly code: string;

  constructor(folder: string, cause: unknown) {
    super(say("the folder {0} cannot be used ({1})", folder, reasonOf(cause)), { cause });
    this.folder = folder;
    this.code = (cause as NodeJS.ErrnoException).code ?? "";
  }

  /** What this process may have open is used up: another folder would not help. */
  get isHandleLimit(): boolean {
    return this.code === "EMFILE" || this.code === "ENFILE";
  }
}

/** A system error in words: "permission denied", "no space left on device". */
export function reasonOf(error: unknown): string {
  const { errno } = error as NodeJS.ErrnoException;
  if (typeof errno === "number") return getSystemErrorMessage(errno);
  return error instanceof Error ? error.message : String(error);
}
