import type { Agent, Workspace } from "../../coder/schemas.ts";

/** A workspace that traffic goes to, and the agent in it. */
export interface Target {
  workspace: Workspace;
  agent: Agent;
}
