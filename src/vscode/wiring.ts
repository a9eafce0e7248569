import type { ExtensionContext } from "vscode";
import { type Feature, feature } from "./commands.ts";
import { registerAgain } from "./features/again/feature.ts";
import { registerApi } from "./features/api/feature.ts";
import { registerCreate } from "./features/create/feature.ts";
import { registerDeployments } from "./features/deployments/feature.ts";
import { registerHistory } from "./features/history/feature.ts";
import { registerLeftovers } from "./features/leftovers/feature.ts";
import { registerLog } from "./features/log/feature.ts";
import { registerPanel } from "./features/panel/feature.ts";
import { registerQuickstart } from "./features/quickstart/feature.ts";
import { registerRuns } from "./features/runs/feature.ts";
import { registerSandbox } from "./features/sandbox/feature.ts";
import { registerScenarioFiles } from "./features/scenario-files/feature.ts";
import { registerScenarioRuns } from "./features/scenario-runs/feature.ts";
import { registerServerMetrics } from "./features/server-metrics/feature.ts";
import { registerSizing } from "./features/sizing/feature.ts";
import { registerStart } from "./features/start/feature.ts";
import { registerTasks } from "./features/tasks/feature.ts";
import { registerTraffic } from "./features/traffic/feature.ts";
import type { Front } from "./front/front.ts";
import type { Features } from "./front/loader.ts";
import type { CommandId } from "./ids.ts";
import { createParts } from "./parts.ts";

/** Makes what the features share, then each of them. They end with the context. */
export function startFeatures(context: ExtensionContext, front: Front): Features {
  const parts = createParts(context, front);

  // Deployments, and starting runs on them.
  const deployments = registerDeployments(parts);
  const sandbox = registerSandbox(parts);
  const panel = registerPanel(parts);
  const metrics = registerServerMetrics(parts);
  const serverMetrics = metrics.of;
  const start = registerStart(parts, { panel, sandbox, serverMetrics });
  const create = registerCreate(parts, start);
  const traffic = registerTraffic(parts, start);

  const scenarioRuns = registerScenarioRuns(parts, { panel, start, serverMetrics });

  // Runs, from now on and earlier, and what they leave.
  const runs = registerRuns(parts, panel);
  const history = registerHistory(parts, runs.view);
  const leftovers = registerLeftovers(parts, start.run);
  const again = registerAgain(parts, { panel, start, sandbox, scenarios: scenarioRuns });
  const log = registerLog(parts);
  const sizing = registerSizing(parts, { inspect: deployments.capacity, active: panel.active });

  // Files that say what a run does.
  const scenarioFiles = registerScenarioFiles(parts);

  // For tasks, other extensions, and `npm start`.
  const tasks = registerTasks(parts, { workload: start.workload, problems: history.problems });
  const { api, ...extensions } = registerApi(parts, {
    start: create.start,
    startTraffic: traffic.start,
    startRun: start.any,
    runAgain: again.runAgain,
  });
  const quickstart = registerQuickstart(parts, { ready: sandbox.ready, start: create.start });

  /** Does not compile where a command has no handler. */
  const all: Feature<CommandId> = feature(
    {
      ...again.commands,
      ...create.commands,
      ...deployments.commands,
      ...history.commands,
      ...leftovers.commands,
      ...log.commands,
      ...metrics.commands,
      ...panel.commands,
      ...runs.commands,
      ...sandbox.commands,
      ...scenarioFiles.commands,
      ...scenarioRuns.commands,
      ...sizing.commands,
      ...start.commands,
      ...traffic.commands,
    },
    ...[
      deployments,
      sandbox,
      panel,
      start,
      create,
      traffic,
      scenarioRuns,
      again,
      runs,
      history,
      leftovers,
      log,
    ],
    ...[metrics, scenarioFiles, sizing, tasks, extensions, quickstart],
    parts,
  );
  context.subscriptions.push(all);
  return { api, signIn: (request) => parts.session.signIn(request) };
}
