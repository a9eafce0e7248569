import type { Workspace } from "../../coder/schemas.ts";
import { say } from "../../text/message.ts";
import type { Choice } from "../chosen-fields.ts";
import { findChosen, inRange, type Seeker } from "../targets.ts";

/**
 * The workspaces of scale tests that can be stopped and started: those that run, are stopped, or have failed to start.
 * Throws Refusal where there are none.
 */
export async function findBuildable(choice: Choice, context: Seeker): Promise<Workspace[]> {
  const found = await findChosen(choice, context);
  const alive = found.filter(({ latest_build: { transition } }) => transition !== "delete");
  if (alive.length < found.length)
    context.warn(
      say(
        "{0} of {1} workspaces are being deleted and are left out",
        found.length - alive.length,
        found.length,
      ),
    );
  return inRange(choice, alive, found.length);
}
