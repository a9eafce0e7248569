import { type Message, say } from "../../text/message.ts";
import { hasPosixShell } from "../posix-shell.ts";
import type { Target } from "../targets.ts";
import { appOf, appsOf } from "./addresses.ts";
import type { TrafficConfig } from "./config.ts";

/**
 * What a target lacks for traffic; undefined where nothing. Terminals and SSH need something that echoes; an app is
 * reached as it is.
 */
export function lackOf({ app }: Pick<TrafficConfig, "app">, target: Target): Message | undefined {
  if (app === undefined)
    return hasPosixShell(target.agent) ? undefined : say("Windows, which has no sh to echo by,");
  if (appOf(app, target)) return undefined;
  return say('no app "{0}" (there is {1})', app, appsOf(target).join(", ") || say("none"));
}
