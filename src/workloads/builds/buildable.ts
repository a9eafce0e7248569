import type { Workspace } from "../../coder/schemas.ts";
import type { PreflightContext } from "../../contract/prepare.ts";
import type { Choice } from "../chosen-fields.ts";
import { findChosen, inRange } from "../targets.ts";

/**
 * The workspaces of scale tests that can be stopped and started: those that run, are stopped, or have failed to start.
 * Throws Refusal where there are none.
 */
export async function findBuildable(
  choice: Choice,
  context: Pick<PreflightContext, "client" | "signal"> & { warn(text: string): void },
): Promise<Workspace[]> {
  const found = await findChosen(choice, context);
  const alive = found.filter(({ latest_build: { transition } }) => transition !== "delete");
  if (alive.length < found.length)
    context.warn(
      `${found.length - alive.length} of ${found.length} workspaces are being deleted and are left out`,
    );
  return inRange(choice, alive, found.length);
}
