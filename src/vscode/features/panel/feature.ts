import { panelTargetSchema } from "../../../protocol/panel.ts";
import { pickRun } from "../../ask/pick-run.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Parts } from "../../parts.ts";
import { LogDocuments } from "./log-documents.ts";
import { Panels } from "./panels.ts";

/** The live panel of a run, and the logs that it opens. */
export function registerPanel(parts: Parts) {
  const { runs, front, log, restoredRun } = parts;
  const logs = new LogDocuments(front, restoredRun);
  const panels = new Panels({
    front,
    extension: parts.extension,
    logs,
    texts: parts.texts,
    find: restoredRun,
  });
  const commands = registerCommands(
    {
      "scaletest.showPanel": async (reference, at) => {
        const run = await pickRun(parts, reference, runs.list());
        if (run) panels.show(run, panelTargetSchema.safeParse(at).data);
      },
      "scaletest.keepOpen": () => {
        if (panels.active) panels.keepOpen(panels.active);
      },
    },
    { front, log },
  );
  return {
    ...feature(commands, logs, panels),
    show: (run: WatchedRun) => panels.show(run),
    isVisible: (runId: string) => panels.isVisible(runId),
    /** The run whose panel is in front. */
    active: () => panels.active,
  };
}
