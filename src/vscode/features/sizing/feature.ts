import { formatDateTime } from "../../../l10n/figures.ts";
import { t } from "../../../l10n/text.ts";
import type { MeasuredChoice } from "../../../protocol/sizing-page.ts";
import type { RunFile } from "../../../runs/run-file.ts";
import { namedRun, pickEarlier } from "../../ask/pick-run.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { RunReference } from "../../ids.ts";
import type { Parts } from "../../parts.ts";
import { networkSettings } from "../../settings.ts";
import type { Has } from "./answer.ts";
import type { Measured } from "./measured.ts";
import { SizingPanel } from "./panel.ts";

/** A week of a large deployment takes a Prometheus server a while. */
const PATIENCE_MS = 60_000;

/** What is used of the other features. */
export interface SizingOthers {
  /** Asks a deployment what it has, and rejects with one sentence. */
  inspect(url: string): Promise<Has>;
  /** The run of the panel in front. */
  active(): string | undefined;
}

/** What a deployment needs for so many users, beside what one has, what its week was like, and what a run has measured. */
export function registerSizing(parts: Parts, { inspect, active }: SizingOthers) {
  const { session, extension, texts, front, log, runsFolder } = parts;
  const panel = new SizingPanel({
    ...{ extension, texts, log, inspect, ...peaksOf(parts) },
    deployments: () => session.store.list(),
    runs: async (url) => {
      const { measuredRuns } = await import("../../../app/measured-run.ts");
      return (await measuredRuns(runsFolder, url)).map(choiceOf);
    },
    measured: (run) => measuredBy(runsFolder, run),
  });
  const planFrom = async (reference: RunReference | undefined) => {
    const run = await pickEarlier(parts, namedRun(reference) ?? active());
    if (!run) return;
    // Said before the page is opened: on the page it would be one line among many.
    const { measuredRun } = await import("../../../app/measured-run.ts");
    const { moments } = await measuredRun(runsFolder, run.id);
    if (moments.length === 0)
      throw new Error(
        t("{0} has none of the deployment's own figures: a plan needs a run with server metrics", run.title),
      );
    panel.show({ run: choiceOf({ ...run.file, title: run.title }), url: run.file.deployment.url });
  };
  const commands = registerCommands(
    {
      "scaletest.planDeployment": () => panel.show(),
      "scaletest.planFromRun": (reference) => planFrom(reference),
    },
    { front, log },
  );
  return feature(commands, panel);
}

/** The week of a deployment for which a Prometheus server is connected. */
function peaksOf({ places }: Pick<Parts, "places">) {
  return {
    hasPeak: (url: string) => places.of(url).words.some((word) => word.startsWith("prometheus+")),
    peak: async (url: string) => {
      const { weeklyPeak } = await import("../../../app/server-metrics/weekly-peak.ts");
      return weeklyPeak({
        words: places.of(url).words,
        env: await places.environment(url, process.env),
        settings: networkSettings(),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    },
  };
}

/** Rejects with one sentence. */
async function measuredBy(runsFolder: string, id: string): Promise<Measured> {
  const [{ measuredRun }, { calibrate }] = await Promise.all([
    import("../../../app/measured-run.ts"),
    import("../../../planner/calibration.ts"),
  ]);
  const { title, createdAt, moments, times } = await measuredRun(runsFolder, id);
  return { ...choiceOf({ id, title, createdAt }), calibration: calibrate(moments, times) };
}

function choiceOf({ id, title, createdAt }: Pick<RunFile, "id" | "title" | "createdAt">): MeasuredChoice {
  return { id, label: `${title}, ${formatDateTime(createdAt)}` };
}
