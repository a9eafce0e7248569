import { type Message, say } from "../text/message.ts";

/** Something of the cluster is otherwise than Coder advises. */
export interface Finding {
  id: string;
  what: Message;
  remedy: Message;
  /** Where Coder says so, as docs/sizing.md names it. */
  source: string;
}

/** "what; remedy (source)", of a finding as one line. */
export function sayFinding({ what, remedy, source }: Finding): Message {
  return say("Kubernetes: {0}; {1} ({2})", what, remedy, source);
}
