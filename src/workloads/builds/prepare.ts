import type { Plan } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { type Message, say, sayCount } from "../../text/message.ts";
import { lateAgentsRemarks } from "../follow-build.ts";
import { type Leased, leased } from "../leased.ts";
import { meantBy, untouchedBy } from "../targets.ts";
import { thresholdsOf } from "../thresholds.ts";
import { findBuildable } from "./buildable.ts";
import { BuildsJob, type Shared } from "./builds-job.ts";
import type { BuildsConfig } from "./config.ts";
import { BUILDS_METRICS, BUILDS_RUN } from "./describe.ts";

/** Evenly over the ramp, the first at once. */
export function arrivalOf(index: number, jobs: number, rampMs: number): number {
  return (index * rampMs) / jobs;
}

export function prepare(config: BuildsConfig, context: PrepareContext): Promise<Plan> {
  return leased(context, (own) => prepareWith(config, context, own));
}

async function prepareWith(config: BuildsConfig, context: PrepareContext, own: Leased): Promise<Plan> {
  const meant = meantBy(config, context);
  const found = await findBuildable({ ...config, ...meant }, own.seeker);
  const workspaces = await own.hold(found, (one) => one);
  const untouched = untouchedBy(workspaces, meant.run, context);
  context.demand(untouched ? { workspaces: workspaces.length } : {});
  const shared: Shared = { stopped: new Set(), lateAgents: new Set() };
  return {
    testName: "builds",
    description: BUILDS_RUN,
    thresholds: thresholdsOf(config.thresholds, BUILDS_METRICS),
    jobs: workspaces.map((workspace, index) => new BuildsJob(index, workspace, shared)),
    jobsLabel: say("Stop and start"),
    concurrency: config.concurrency,
    arrivalMs: (index) => arrivalOf(index, workspaces.length, config.rampMs),
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: config.jobTimeoutMs,
    // It makes nothing: what it has stopped stays: others made it.
    cleanup: undefined,
    countLeft: undefined,
    ...(untouched ? { untouched } : {}),
    remarks: () => [
      ...lateAgentsRemarks(shared.lateAgents.size),
      ...stoppedRemarks(
        [...shared.stopped].filter((name) => isThere(name, untouched !== undefined, context)),
      ),
    ],
    close: async () => undefined,
  };
}

/** The clean-up of this very run may have deleted it. */
function isThere(name: string, isOthers: boolean, { ledger }: PrepareContext): boolean {
  return isOthers || ledger.state.remaining("workspace").some((one) => one.name === name);
}

const NAMED = 5;

/** Which workspaces do not run, where a stop or a failure came between. */
export function stoppedRemarks(names: readonly string[]): Message[] {
  if (names.length === 0) return [];
  const first = [...names].sort().slice(0, NAMED).join(", ");
  const named = names.length > NAMED ? say("{0} and {1} more", first, names.length - NAMED) : first;
  return [
    sayCount(
      names.length,
      {
        one: "{0} workspace is stopped and not started again: {1}",
        other: "{0} workspaces are stopped and not started again: {1}",
      },
      named,
    ),
  ];
}
