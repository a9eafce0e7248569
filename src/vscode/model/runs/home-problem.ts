import { accessSync, constants } from "node:fs";
import { t } from "../../../l10n/text.ts";
import { FolderError } from "../../../runs/folder-error.ts";
import { runsFolder } from "../../../runs/home.ts";
import { messageOf } from "../../host.ts";

/** What a system says of a folder, in words. */
const REASONS: Readonly<Record<string, () => string>> = {
  EACCES: () => t("no permission"),
  EPERM: () => t("no permission"),
  EROFS: () => t("it is read-only"),
  ENOSPC: () => t("the disk is full"),
  EDQUOT: () => t("the disk quota is used up"),
  ENOTDIR: () => t("a file is in its place"),
  EEXIST: () => t("a file is in its place"),
  ENOENT: () => t("it does not exist"),
};

/**
 * One sentence for a folder of ours that cannot be used, with the setting that names another one. An error that is
 * not about files is returned as it is.
 */
export function folderProblem(error: unknown, folder: string): Error {
  const { code = "", path } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = REASONS[code];
  // A socket that is not there has such a code, too.
  const isNear = path !== undefined && (path.startsWith(folder) || folder.startsWith(path));
  if (!reason || !(isNear || error instanceof FolderError))
    return error instanceof Error ? error : new Error(messageOf(error));
  return new Error(
    t(
      "The folder {0} cannot be used ({1}). Name another one in the setting scaletest.home, or in the variable CODER_SCALETEST_HOME.",
      folder,
      reason(),
    ),
    { cause: error },
  );
}

/** Does what needs a folder of ours. Rejects with one sentence where the folder is in the way. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw folderProblem(error, folder);
  }
}

/** Why runs cannot be kept in the product's folder; undefined where they can. Makes the folder of runs where it is missing. */
export function homeProblem(home: string): string | undefined {
  try {
    accessSync(runsFolder(home), constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return messageOf(folderProblem(error, home));
  }
}
