import { Refusal } from "../../contract/failures.ts";
import type { Check } from "../../protocol/check.ts";

const WORKSPACES = { id: "workspaces", label: "Workspaces" };

/**
 * The check of which workspaces there are, and those that need some to look at. `find` warns of what is left out, and
 * throws Refusal where there are none.
 */
export async function workspacesCheck<T>(
  find: (warn: (text: string) => void) => Promise<T[]>,
  look: (found: T[]) => Promise<{ figure: string; others: Check[] }>,
): Promise<Check[]> {
  const left: string[] = [];
  try {
    const { figure, others } = await look(await find((text) => void left.push(text)));
    return [
      left.length > 0
        ? { ...WORKSPACES, status: "warning", figure, mend: left.join("; ") }
        : { ...WORKSPACES, status: "ok", figure },
      ...others,
    ];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [{ ...WORKSPACES, status: "blocks", figure: error.message }];
  }
}
