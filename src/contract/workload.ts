import type * as z from "zod";
import type { Metric } from "../measure/metric.ts";
import type { Check } from "../protocol/check.ts";
import type { Message } from "../text/message.ts";
import { type Demand, NO_LOAD } from "./demand.ts";
import type { OwnDescription } from "./describe.ts";
import { type ConfigProblem, parseConfig, problemsOf } from "./fields/parse-config.ts";
import type { ShortForm } from "./fields/short-form.ts";
import type { EarlierName } from "./fields/spellings.ts";
import type { Fields } from "./fields/table.ts";
import type { Plan } from "./plan.ts";
import type { PreflightContext, PrepareContext } from "./prepare.ts";

/**
 * What somebody who adds a workload writes: what it can be told, and how that becomes jobs. Every front end imports
 * it, so it is light: what reaches a deployment is imported by `prepare` and `preflight` when they are called.
 */
export interface WorkloadDefinition<S extends z.ZodType> {
  name: string;
  /** A shorter name, for the steps of a scenario; both are good there. */
  alias?: string;
  /** What it is called on the command line, word by word; by default, its name. */
  command?: readonly [string, ...string[]];
  /** One line for the command line's list, the tasks and the editor. */
  summary: string;
  schema: S;
  /** What it can be told, described once: flags, help, tasks and requests are made of it. */
  fields: Fields;
  /** What its runs can be held to; none: they take no thresholds. */
  metrics?: readonly Metric[];
  /**
   * What its runs say about themselves; where that depends on the configuration, as it is by default. Texts of it are
   * put into the bundle of those that can be translated.
   */
  described?: readonly OwnDescription[];
  /** Started by the product itself or as a step of a scenario, not by name: it has no command of its own. */
  internal?: boolean;
  /** No scenario has it as a step: it goes on with what another run has left. */
  notAStep?: boolean;
  /** Only deletes what earlier runs have left: front ends list that, and ask before they start it. */
  removes?: boolean;
  /** What it makes is there for many runs: a clean-up after all runs leaves it alone. */
  keeps?: boolean;
  /** Names that tasks had for its fields before every field had one. */
  earlierNames?: readonly EarlierName[];
  /** Words of a scenario's steps that stand for several fields. */
  shortForms?: readonly ShortForm[];
  /**
   * What it asks of a deployment, as far as its configuration says, or NO_LOAD: the engine holds it against guard and
   * ceilings before anything is made. What is only known once it is prepared, `prepare` says by its `demand`.
   */
  demand: ((config: z.output<S>) => Demand) | typeof NO_LOAD;
  /** The same where it is known how many workspaces it finds; absent: as `demand`. */
  demandOn?(config: z.output<S>, workspaces: number): Demand;
  /** How many workspaces it makes that are there for the steps after it; absent: none. */
  makes?(config: z.output<S>): number;
  /** Whether nothing in its configuration ends it: it goes on until somebody stops it. Absent: its work ends it. */
  endless?(config: z.output<S>): boolean;
  /** What an owner of the deployment is needed for; undefined where any signed-in user can do its work. */
  needsOwner?(config: z.output<S>): Message | undefined;
  /** The program that it runs on the user's own machine, for people: a run with one has to be allowed by its starter. */
  runsProgram?(config: z.output<S>): string;
  /** What a run of it is called where a person gave it no name. */
  title(config: z.output<S>): string;
  /**
   * Everything that can be checked before anything is made. Throws Refusal where the run should not begin. In a module
   * of its own, prepare.ts, which the editor does not have.
   */
  prepare(config: z.output<S>, context: PrepareContext): Promise<Plan>;
  /** Of what puts a load on a deployment: what can be found out before a run, without making anything. */
  preflight?(config: z.output<S>, context: PreflightContext): Promise<Check[]>;
  /** What goes on where a run was interrupted; undefined where this workload cannot go on with it. */
  resume?(run: InterruptedRun): Resumption | undefined;
  /** The configuration that does again what failed of a run, and nothing else. Absent: its jobs cannot be run alone. */
  onlyFailed?(config: Readonly<Record<string, unknown>>, failed: number): Record<string, unknown>;
}

/** A run that was interrupted. */
export interface InterruptedRun {
  id: string;
  /** Its workload's name. */
  workload: string;
  config: Record<string, unknown>;
}

/** A run that goes on with an interrupted one. */
export interface Resumption {
  title: string;
  config: Record<string, unknown>;
}

/** A workload as everybody else sees it: nobody needs to know the type of its configuration. */
export interface Workload
  extends Readonly<
      Pick<WorkloadDefinition<z.ZodType>, "name" | "alias" | "summary" | "fields" | "resume" | "onlyFailed">
    >,
    Readonly<
      Required<
        Pick<
          WorkloadDefinition<z.ZodType>,
          | "metrics"
          | "described"
          | "command"
          | "keeps"
          | "internal"
          | "removes"
          | "earlierNames"
          | "shortForms"
          | "notAStep"
        >
      >
    > {
  /** Whether it puts a load on a deployment, which can be looked at before. */
  readonly hasPreflight: boolean;
  /** Checks a configuration. Throws UsageError with one line that names the flag. */
  check(config: unknown): CheckedWorkload;
  /** All that is wrong with a configuration; nothing where `check` takes it. */
  problems(config: unknown): readonly ConfigProblem[];
}

/** A workload with a configuration that it takes. */
export interface CheckedWorkload {
  /** With its defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly title: string;
  /** undefined: it puts no load on a deployment, and nothing guards it. */
  readonly demand: Demand | undefined;
  /** The same on so many workspaces. */
  demandOn(workspaces: number): Demand | undefined;
  /** How many workspaces it makes that are there for the steps after it. */
  readonly makes: number;
  /** Nothing ends it but its being stopped, or the step that it goes along with. */
  readonly endless: boolean;
  readonly needsOwner: Message | undefined;
  /** The program that it runs on the user's own machine; undefined: none. */
  readonly program: string | undefined;
  prepare(context: PrepareContext): Promise<Plan>;
  /** What can be found out before a run; nothing for a workload that puts no load on a deployment. */
  preflight(context: PreflightContext): Promise<Check[]>;
}

/** Closes over the type of the configuration: it is checked once, and the workload gets it typed. */
export function defineWorkload<S extends z.ZodType<Record<string, unknown>>>(
  definition: WorkloadDefinition<S>,
): Workload {
  const { name, alias, summary, schema, fields, resume, onlyFailed } = definition;
  const { metrics = [], described = [], internal = false, removes = false } = definition;
  const { command = [name], keeps = false } = definition;
  const { earlierNames = [], shortForms = [], notAStep = false } = definition;
  return {
    name,
    ...(alias === undefined ? {} : { alias }),
    command,
    keeps,
    summary,
    fields,
    metrics,
    described,
    internal,
    removes,
    earlierNames,
    shortForms,
    notAStep,
    ...(resume ? { resume } : {}),
    ...(onlyFailed ? { onlyFailed } : {}),
    hasPreflight: definition.preflight !== undefined,
    problems: (config) => problemsOf(schema, config),
    check(config) {
      const checked = parseConfig(schema, fields, config);
      const demand = definition.demand === NO_LOAD ? undefined : definition.demand(checked);
      return {
        config: checked,
        title: definition.title(checked),
        demand,
        demandOn: (workspaces) => demand && (definition.demandOn?.(checked, workspaces) ?? demand),
        makes: definition.makes?.(checked) ?? 0,
        endless: definition.endless?.(checked) ?? false,
        needsOwner: definition.needsOwner?.(checked),
        program: definition.runsProgram?.(checked),
        prepare: (context) => definition.prepare(checked, context),
        preflight: async (context) => (await definition.preflight?.(checked, context)) ?? [],
      };
    },
  };
}
