import { type OlderLoad, olderLoad } from "./workspace-traffic/version-1.ts";

export type { OlderLoad };

/** What the record of a run of version 1 says of its load; undefined where it had none of its own. */
export function olderLoads(snapshot: object): OlderLoad | undefined {
  return olderLoad(snapshot);
}
