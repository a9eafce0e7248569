import { genericWizard } from "./ask/generic/wizard.ts";
import type { RunRequest } from "./ask/run-request.ts";
import type { Wizard } from "./ask/wizard.ts";
import { CREATE, createWizard } from "./features/create/wizard.ts";
import { TRAFFIC, trafficWizard } from "./features/traffic/wizard.ts";

/** The workloads whose questions are made by hand, each in a feature of its own. */
const BY_HAND: Readonly<Record<string, Wizard>> = { [CREATE]: createWizard, [TRAFFIC]: trafficWizard };

/** Whether somebody has made its questions by hand. */
export function isByHand(workload: string): boolean {
  return workload in BY_HAND;
}

/** How a run of this workload is asked for: by its own wizard, else by its table of fields. */
export function wizardOf(workload: string): Wizard<RunRequest> {
  return BY_HAND[workload] ?? genericWizard(workload);
}
