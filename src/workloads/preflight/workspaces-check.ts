import { Refusal } from "../../contract/failures.ts";
import type { Check } from "../../protocol/check.ts";
import { type Message, say, sayAll } from "../../text/message.ts";

const WORKSPACES = { id: "workspaces", label: say("Workspaces") };

/**
 * The check of which workspaces there are, and those that need some to look at. `find` warns of what is left out, and
 * throws Refusal where there are none.
 */
export async function workspacesCheck<T>(
  find: (warn: (what: Message) => void) => Promise<T[]>,
  look: (found: T[]) => Promise<{ figure: Message; others: Check[] }>,
): Promise<Check[]> {
  const left: Message[] = [];
  try {
    const { figure, others } = await look(await find((what) => void left.push(what)));
    return [
      left.length > 0
        ? { ...WORKSPACES, status: "warning", figure, mend: sayAll(left, "; ") }
        : { ...WORKSPACES, status: "ok", figure },
      ...others,
    ];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [{ ...WORKSPACES, status: "blocks", figure: error.said }];
  }
}
