import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { originOf, tokenProblem } from "./origin.ts";

export interface CliLogin {
  url: string;
  token: string;
}

/**
 * What `coder login` has kept: files `url` and `session` in the command's folder of settings, which
 * CODER_CONFIG_DIR names. undefined where there is none. Read when a person asks for it only.
 */
export async function readCliLogin(
  env: NodeJS.ProcessEnv = process.env,
  platform: string = process.platform,
): Promise<CliLogin | undefined> {
  const folder = env.CODER_CONFIG_DIR ?? path.join(configHome(env, platform), "coderv2");
  const read = (name: string) => readFile(path.join(folder, name), "utf8").catch(() => "");
  const [url, token] = [originOf(await read("url")), (await read("session")).trim()];
  return url && tokenProblem(token) === undefined ? { url, token } : undefined;
}

function configHome(env: NodeJS.ProcessEnv, platform: string): string {
  if (platform === "win32") return env.APPDATA ?? path.join(os.homedir(), "AppData", "Roaming");
  if (platform === "darwin") return path.join(os.homedir(), "Library", "Application Support");
  return env.XDG_CONFIG_HOME ?? path.join(os.homedir(), ".config");
}
