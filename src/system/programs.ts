import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";

/**
 * Splits a command as it is written in a flag or setting: words apart by spaces, with '…' and "…" for
 * words that have some. Backslashes are literal: Windows paths are full of them.
 */
export function splitCommand(text: string): string[] {
  const words = [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"']+)+/g)];
  return words.map((word) =>
    word[0].replace(/"([^"]*)"|'([^']*)'/g, (_all, double, single) => double ?? single ?? ""),
  );
}

/** Full path of a program on PATH, or undefined. */
export async function findOnPath(
  program: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: string = process.platform,
): Promise<string | undefined> {
  const isWindows = platform === "win32";
  const endings = isWindows ? (env.PATHEXT ?? ".EXE;.CMD").split(";") : [""];
  for (const folder of (env.PATH ?? env.Path ?? "").split(isWindows ? ";" : ":").filter(Boolean)) {
    for (const ending of endings) {
      const file = path.join(folder, program + ending);
      const found = await access(file, constants.X_OK).then(
        () => stat(file).then((info) => info.isFile()),
        () => false,
      );
      if (found) return file;
    }
  }
  return undefined;
}
