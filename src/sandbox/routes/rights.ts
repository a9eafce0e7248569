import type { Deployment } from "../deployment.ts";
import type { User } from "../state/users.ts";

/** Whether a user may open terminals and SSH in a workspace of `owner`: the fact that `/authcheck` tells. */
export function mayEnter(user: User, owner: User | undefined, deployment: Deployment): boolean {
  return user === owner || (user.roles.includes("owner") && !deployment.options.ownerExecDisabled);
}
