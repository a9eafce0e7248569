/** What the editor makes of the list of workloads, without the editor: the test's build has `ping` in that list. */
export { readManifest, withTasks } from "../../scripts/manifest.ts";
export { thresholdsFor } from "../../src/vscode/ask/thresholds.ts";
export { requestOf } from "../../src/vscode/features/tasks/definition.ts";
export { suggestedTasks } from "../../src/vscode/features/tasks/suggestions.ts";
export { wizardOf } from "../../src/vscode/wizards.ts";
export { startable } from "../../src/workloads/index.ts";
