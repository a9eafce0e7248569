import { type Message, say } from "../../../text/message.ts";
import type { Kind } from "./setup.ts";

/** How each transport is called. */
export const LABELS: Record<Kind, Message> = {
  pty: say("web terminal"),
  app: say("app"),
  ssh: say("SSH"),
};
