import path from "node:path";
import { Uri, window, workspace } from "vscode";
import { t } from "../../../l10n/text.ts";
import type { PanelPlace } from "../../../protocol/panel.ts";
import type { ServerMetrics } from "../../../protocol/server-source.ts";
import type { Target } from "../../../protocol/target.ts";
import { namedRun, pickEarlier } from "../../ask/pick-run.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { saveScenario } from "../../model/scenarios/save.ts";
import type { Parts } from "../../parts.ts";
import { confirm } from "../../ui/confirm.ts";
import type { ScenarioAskParts } from "./ask.ts";
import { fileOf } from "./files.ts";
import { LastResults } from "./last-results.ts";
import { provideLenses } from "./lens-provider.ts";
import { newScenario } from "./presets.ts";
import type { RunningParts } from "./run.ts";
import { saveRunAsScenario } from "./save-run.ts";
import type { ShowResultParts } from "./show-results.ts";
import { ScenarioTests } from "./tests.ts";
import { ScenariosView } from "./tree-view.ts";

/** What is used of the other features. */
export interface ScenarioRunsParts {
  panel: { show(run: WatchedRun, at?: PanelPlace): void; active(): string | undefined };
  /** Where a run reads its deployment's own figures, as its file says it. Rejects with one sentence. */
  serverMetrics(of: { target: Target; byFile: readonly string[] }): Promise<ServerMetrics | undefined>;
  start: {
    run(run: NewRun): Promise<string>;
    signedIn(title: string): Promise<boolean>;
  };
}

/** Scenario files are run from the editor and the test explorer, made of runs, and begun from examples. */
export function registerScenarioRuns(parts: Parts, { panel, start, serverMetrics }: ScenarioRunsParts) {
  const { inputs, runs, scenarios, session, wizards, front, log } = parts;
  const asking: ScenarioAskParts = {
    ...wizards,
    signIn: (request) => session.signIn(request),
    offerDeployment: (title) => start.signedIn(title),
    isTrusted: () => workspace.isTrusted,
    baseline: async ({ asked, file }, test) => {
      const { findBaseline } = await import("../../../app/compare/baseline.ts");
      const folder = path.dirname(Uri.parse(file).fsPath);
      return findBaseline(parts.runsFolder, { asked, folder }, test);
    },
    serverMetrics: (byFile, target) => serverMetrics({ byFile, target }),
    tell: (remark) => void window.showInformationMessage(remark),
    confirm,
  };
  const results = new LastResults(runs, log);
  const running: RunningParts = { asking, scenarios, start: async (run) => runs.get(await start.run(run)) };
  const showing: ShowResultParts = { inputs, runs, scenarios, results, panel };
  const tests = new ScenarioTests({
    scenarios,
    log,
    start: async (uri) => (await import("./run.ts")).startScenario(running, uri),
  });
  const commands = registerCommands(
    {
      "scaletest.runScenario": async (reference) => {
        const started = await (await import("./run.ts")).startScenario(running, fileOf(reference));
        if (started) tests.report(started);
        return started?.run.id;
      },
      "scaletest.runScenarioStep": async (reference, step) =>
        (await import("./run.ts")).startStep(running, inputs, fileOf(reference), step),
      "scaletest.findLimit": async (reference) => {
        const { findLimit } = await import("./run-limit.ts");
        const asked = { ...wizards, save: saveScenario };
        const started = await findLimit(
          { ...running, asked },
          reference === undefined ? undefined : fileOf(reference),
        );
        if (started?.byFile) tests.report(started.byFile);
        return started?.id;
      },
      "scaletest.preflightScenario": async (reference) =>
        (await import("./run.ts")).preflightScenario(running, fileOf(reference)),
      "scaletest.lastScenarioResult": async (reference) => {
        const { showResult } = await import("./show-results.ts");
        await showResult(showing, fileOf(reference), "last");
      },
      "scaletest.scenarioResults": async (reference) => {
        const { showResult } = await import("./show-results.ts");
        await showResult(showing, fileOf(reference), "choose");
      },
      "scaletest.showThreshold": async (reference) => {
        const place = reference && tests.placeOf(reference.test.id);
        if (!place) throw new Error(t("This test has not failed since the window was opened"));
        const run = await runs.open(place.runId);
        if (run) panel.show(run, place.at);
      },
      "scaletest.saveAsScenario": async (reference) => {
        const run = await pickEarlier(parts, namedRun(reference) ?? panel.active());
        if (run) await saveRunAsScenario(run);
      },
      "scaletest.newScenario": (preset) => newScenario(inputs, parts.extension, presetOf(preset)),
    },
    { front, log },
  );
  const view = new ScenariosView({ runs, scenarios, results, front });
  return {
    ...feature(commands, provideLenses(scenarios, results), tests, results, view),
    /** A scenario as it was kept with a run of this title. Resolves with the new run's id. */
    start: async (uri: Uri, title: string, deployment: KnownDeployment) => {
      const { startScenario } = await import("./run.ts");
      const only = { ...running, asking: { ...asking, deployments: () => [deployment] } };
      return (await startScenario(only, uri, title))?.run.id;
    },
  };
}

/** A menu hands over what it stands at. */
function presetOf(preset: unknown): string | undefined {
  return typeof preset === "string" ? preset : undefined;
}
