import type { BuildTimes } from "./queue.ts";

/** Fewer moments say nothing of what one more connection costs. */
export const LEAST_MOMENTS = 8;

/** What a deployment said of itself at one moment of a run, all of its replicas together. */
export interface Moment {
  replicas: number;
  /** Cores that coderd was busy with, and those that it has. */
  cores: number;
  coresOf: number;
  bytes: number;
  /** WebSockets that coderd held: agents, terminals, SSH, watches. */
  connections: number;
  /** Builds that were under way. */
  builds: number;
}

/** How long builds took, as the provisioners timed them, in milliseconds. */
export interface MeasuredTimes extends BuildTimes {
  meanMs: number;
  count: number;
}
