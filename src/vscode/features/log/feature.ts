import { feature, registerCommands } from "../../commands.ts";
import type { Parts } from "../../parts.ts";

/** What the extension writes down for people who look for a fault. */
export function registerLog({ front, log }: Parts) {
  return feature(registerCommands({ "scaletest.showLog": () => log.show() }, { front, log }));
}
