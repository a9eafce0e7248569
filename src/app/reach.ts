/** Workspaces that traffic can be sent to, as one group that a person may choose. */
export interface Reach {
  /** Which part of them; none: every workspace of a scale test. */
  run?: string;
  template?: { id: string; name: string };
  running: number;
  /** There, but not running: they are left out. */
  stopped: number;
  /** Slugs of the apps that every running one has. */
  apps: readonly string[];
}

/** What scale tests have on a deployment now. */
export interface Survey {
  all: Reach;
  runs: readonly Reach[];
  templates: readonly Reach[];
}
