import type * as z from "zod";
import { parseConfig } from "./fields/parse-config.ts";
import type { Fields } from "./fields/table.ts";
import type { Plan } from "./plan.ts";
import type { PrepareContext } from "./prepare.ts";

/** What somebody who adds a workload writes: what it can be told, and how that becomes jobs. */
export interface WorkloadDefinition<S extends z.ZodType> {
  name: string;
  /** One line for the command line's list and the palette. */
  summary: string;
  schema: S;
  /** What it can be told, described once: flags, help, tasks and requests are made of it. */
  fields: Fields;
  /** Started by the product itself, not by name: it has no command of its own. */
  internal?: boolean;
  /** What a run of it is called where a person gave it no name. */
  title(config: z.output<S>): string;
  /** Everything that can be checked before anything is made. Throws Refusal where the run should not begin. */
  prepare(config: z.output<S>, context: PrepareContext): Promise<Plan>;
}

/** A workload as everybody else sees it: nobody needs to know the type of its configuration. */
export interface Workload {
  readonly name: string;
  readonly summary: string;
  readonly fields: Fields;
  readonly internal: boolean;
  /** Checks a configuration. Throws UsageError with one line that names the flag. */
  check(config: unknown): CheckedWorkload;
}

/** A workload with a configuration that it takes. */
export interface CheckedWorkload {
  /** With its defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly title: string;
  prepare(context: PrepareContext): Promise<Plan>;
}

/** Closes over the type of the configuration: it is checked once, and the workload gets it typed. */
export function defineWorkload<S extends z.ZodType<Record<string, unknown>>>(
  definition: WorkloadDefinition<S>,
): Workload {
  const { name, summary, fields, internal = false } = definition;
  return {
    name,
    summary,
    fields,
    internal,
    check(config) {
      const checked = parseConfig(definition.schema, fields, config);
      return {
        config: checked,
        title: definition.title(checked),
        prepare: (context) => definition.prepare(checked, context),
      };
    },
  };
}
