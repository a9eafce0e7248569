import { t } from "../../../l10n/text.ts";
import type { Wizard } from "../wizard.ts";
import { suggestionOf } from "./last-run.ts";

/** For a workload without a wizard of its own: its questions are its table of fields. */
export function genericWizard(workload: string): Wizard {
  return {
    title: () => t("Scale Test: {0}", workload),
    ask: async (parts, request, like) => {
      // Loaded where it is used: the window starts without the fields.
      const [{ askByFields }, { workloadNamed }] = await Promise.all([
        import("./ask.ts"),
        import("../../../workloads/index.ts"),
      ]);
      return askByFields(parts, workloadNamed(workload), request, like);
    },
    requestOf: (config) => ({ config, start: true }),
    suggestion: (url, memory) => suggestionOf(workload, url, memory),
  };
}
