import { quickstartOccasion } from "../features/quickstart/occasion.ts";
import { runsOccasion } from "../features/runs/occasion.ts";
import { sandboxOccasion } from "../features/sandbox/occasion.ts";
import { scenarioOccasion } from "../features/scenario-runs/occasion.ts";
import type { Occasion } from "./occasion.ts";

/** Of the features that have one. */
export const occasions: readonly Occasion[] = [
  runsOccasion,
  scenarioOccasion,
  sandboxOccasion,
  quickstartOccasion,
];
