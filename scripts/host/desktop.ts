import { existsSync } from "node:fs";
import path from "node:path";
import { downloadAndUnzipVSCode } from "@vscode/test-electron";

/** Whether a window of desktop VS Code could be seen here at all. */
function hasScreen(env: NodeJS.ProcessEnv): boolean {
  return process.platform !== "linux" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Whether desktop VS Code can be downloaded here and has a screen to open on. (Without one, on Linux, run
 * under `xvfb-run -a`.)
 */
export async function desktopIsToBeHad(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  if (!hasScreen(env)) return false;
  try {
    const answer = await fetch("https://update.code.visualstudio.com/api/releases/stable", {
      signal: AbortSignal.timeout(5_000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Desktop VS Code: `code` on PATH, else a downloaded one; undefined where neither is to be had. */
export async function desktopExecutable(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (!hasScreen(env)) return undefined;
  const name = process.platform === "win32" ? "code.cmd" : "code";
  const folders = (env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const installed = folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  if (installed) return installed;
  return (await desktopIsToBeHad(env)) ? downloadAndUnzipVSCode("stable") : undefined;
}
