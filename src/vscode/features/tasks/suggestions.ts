import { startable } from "../../../workloads/index.ts";
import type { Suggestion } from "../../ask/wizard.ts";
import type { Memory } from "../../host.ts";
import { wizardOf } from "../../wizards.ts";

/** What was run last on each deployment, as tasks. */
export function suggestedTasks(urls: readonly string[], memory: Memory): Suggestion[] {
  return urls.flatMap((url) => startable.flatMap(({ name }) => wizardOf(name).suggestion(url, memory) ?? []));
}
