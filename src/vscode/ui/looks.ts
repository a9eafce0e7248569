import { type Ending, endingOf } from "../../protocol/ending.ts";
import type { Outcome } from "../../protocol/snapshot.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";

/** How a state looks, in trees and in the status bar alike. */
export interface Look {
  /** Id of a codicon. */
  icon: string;
  /** Id of a theme colour for the icon. */
  colour?: string;
}

const WARNING = "list.warningForeground";
const FAILED = "testing.iconFailed";

/** Of runs and of what is in them. */
export const LOOKS = {
  moving: { icon: "loading~spin" },
  good: { icon: "pass", colour: "testing.iconPassed" },
  bad: { icon: "error", colour: FAILED },
  pending: { icon: "circle-outline", colour: "testing.iconUnset" },
  skipped: { icon: "circle-slash", colour: "testing.iconUnset" },
  /** Somebody has ended it on purpose: neither an error nor a pause. */
  stopped: { icon: "stop-circle", colour: "testing.iconSkipped" },
  doubtful: { icon: "warning", colour: WARNING },
  paused: { icon: "debug-pause", colour: WARNING },
  /** It waits for a sign-in. */
  expired: { icon: "key", colour: WARNING },
  /** Its runner does not answer. */
  silent: { icon: "debug-disconnect", colour: FAILED },
  /** Its runner is gone, and has left no result. */
  lost: { icon: "debug-disconnect", colour: WARNING },
} as const satisfies Record<string, Look>;

const ENDING_LOOKS: Readonly<Record<Ending, Look>> = {
  passed: LOOKS.good,
  failed: LOOKS.bad,
  refused: LOOKS.bad,
  interrupted: LOOKS.stopped,
  invalid: LOOKS.doubtful,
  ended: LOOKS.doubtful,
};

export function endingLook(outcome: Pick<Outcome, "verdict" | "unjudged">): Look {
  return ENDING_LOOKS[endingOf(outcome)];
}

export const THRESHOLD_LOOKS: Readonly<Record<ThresholdState["state"], Look>> = {
  pending: LOOKS.pending,
  met: LOOKS.good,
  broken: LOOKS.bad,
};

/** In texts of the editor that may hold icons. */
export function iconText({ icon }: Look): string {
  return `$(${icon})`;
}
