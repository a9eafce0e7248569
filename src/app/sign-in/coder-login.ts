import { readFile } from "node:fs/promises";
import path from "node:path";
import { configFolder, hasKeychain } from "../../system/config-folder.ts";
import { isToken } from "../target/token.ts";

/** What `coder login` has kept on this machine. */
export type CoderLogin =
  | { kind: "session"; url: string; token: string }
  /** Signed in, but the session is in the system's keychain (Coder 2.29 and later on macOS and Windows). */
  | { kind: "keychain"; url: string };

export interface CoderLoginPlace {
  env: Readonly<Record<string, string | undefined>>;
  /** The command's folder of settings, as its `--global-config` names it. */
  globalConfig?: string | undefined;
  platform?: string;
}

/** Files `url` and `session` in the folder of Coder's own command. undefined where nobody is logged in there. */
export async function readCoderLogin({
  env,
  globalConfig,
  platform = process.platform,
}: CoderLoginPlace): Promise<CoderLogin | undefined> {
  const folder = globalConfig ?? (env.CODER_CONFIG_DIR || path.join(configFolder(env, platform), "coderv2"));
  const read = (name: string) =>
    readFile(path.join(folder, name), "utf8").then(
      (text) => text.trim(),
      () => "",
    );
  const [url, token] = [await read("url"), await read("session")];
  if (url === "") return undefined;
  if (isToken(token)) return { kind: "session", url, token };
  // On other systems, no session is a logout.
  return hasKeychain(platform) ? { kind: "keychain", url } : undefined;
}
