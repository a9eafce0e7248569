/** What the editor makes of the list of workloads, without the editor: the test's build has `ping` in that list. */
export { readManifest, withTasks } from "../../scripts/manifest.ts";
export { thresholdsFor } from "../../src/vscode/ask/thresholds.ts";
export { wizardOf } from "../../src/vscode/ask/wizards.ts";
export { requestOf } from "../../src/vscode/tasks/definition.ts";
export { suggestedTasks } from "../../src/vscode/tasks/suggestions.ts";
export { startable } from "../../src/workloads/index.ts";
