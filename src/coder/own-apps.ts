import type { Agent, App } from "./schemas.ts";

/** An agent's apps, without those that are links to somewhere else: nothing of them goes through the deployment. */
export function ownApps({ apps }: Pick<Agent, "apps">): App[] {
  return apps.filter(({ external }) => !external);
}
