import os from "node:os";
import path from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** Where a platform keeps the settings of programs, as Go's `os.UserConfigDir` has it: Coder's own command goes by that. */
export function configFolder(env: Env, platform: string = process.platform): string {
  if (platform === "win32")
    return env.APPDATA ?? path.win32.join(env.USERPROFILE ?? os.homedir(), "AppData", "Roaming");
  const home = env.HOME || os.homedir();
  if (platform === "darwin") return path.posix.join(home, "Library", "Application Support");
  return env.XDG_CONFIG_HOME || path.posix.join(home, ".config");
}

/** Whether the platform has a keychain of its own, where Coder's command (2.29 and later) keeps its session. */
export function hasKeychain(platform: string = process.platform): boolean {
  return platform === "win32" || platform === "darwin";
}
