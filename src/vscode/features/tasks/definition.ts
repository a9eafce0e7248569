import type { Workload } from "../../../contract/workload.ts";
import { listed, t } from "../../../l10n/text.ts";
import { ofWords } from "../../../text/message.ts";
import { startable, workloads } from "../../../workloads/index.ts";
import type { RunRequest } from "../../ask/run-request.ts";
import { wizardOf } from "../../wizards.ts";
import { refuse, spelledConfig } from "./spelled.ts";

/** What a task asks for: a run of this workload, by the request that its wizard takes. */
export interface TaskRequest {
  workload: string;
  request: RunRequest;
}

type OriginOf = (typed: string) => string | undefined;
type Task = Readonly<Record<string, unknown>>;

/**
 * The request that a task makes; paths in it are relative to `folder`. Throws with one sentence where the definition
 * cannot be used.
 */
export function requestOf(definition: Task, originOf: OriginOf, folder = ""): TaskRequest {
  const { workload: named = workloads[0].name } = definition;
  const workload = startable.find(({ name }) => name === named);
  if (!workload)
    throw new Error(
      t(
        'tasks.json: workload: must be one of {0}, not "{1}"',
        listed(startable.map(({ name }) => name)),
        String(named),
      ),
    );
  const request = wizardOf(workload.name).requestOf(configOf(workload, definition, folder));
  return { workload: workload.name, request: { ...addressOf(definition.deployment, originOf), ...request } };
}

/** What the task says of the workload's fields; each has been checked by its own schema. */
function configOf({ fields, earlierNames }: Workload, task: Task, folder: string): Record<string, unknown> {
  const config = spelledConfig(task, { fields, earlierNames, folder });
  for (const [key, { asked }] of Object.entries(fields)) {
    if (asked !== undefined && config[key] === undefined) refuse(key, ofWords(asked));
  }
  return config;
}

function addressOf(deployment: unknown, originOf: OriginOf): { url?: string } {
  if (deployment === undefined || deployment === null) return {};
  const url = originOf(String(deployment));
  if (url === undefined)
    throw new Error(t('tasks.json: deployment: "{0}" is not an address', String(deployment)));
  return { url };
}
