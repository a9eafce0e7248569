import type { CheckedWorkload, Workload } from "../contract/workload.ts";
import type { Limits } from "../protocol/guard.ts";
import type { Begin } from "../protocol/step-request.ts";
import type { Range } from "./problem.ts";
import type { SearchAsked } from "./search.ts";
import type { Place } from "./source.ts";

/** The level goes evenly to `to` within so long. */
export interface Stage {
  forMs: number;
  /** In the unit of the step's own level: connections that send, or jobs at a time. */
  to: number;
}

/** One step of a scenario, as far as it could be read. */
export interface Step {
  /** Of its own in the scenario. */
  name: string;
  workload: Workload;
  /** As the file has it, by key. */
  config: Readonly<Record<string, unknown>>;
  /** undefined where something is wrong with its configuration. */
  checked: CheckedWorkload | undefined;
  /** Absent: it follows the step above it. */
  begin: Begin | undefined;
  /** Of 1, of the scenario's workspaces; which these are is `part`. */
  share: number | undefined;
  /** From and to, of 1: what no step has that overlaps with it. */
  part?: { from: number; to: number };
  stages: readonly Stage[];
  /** Its own thresholds. */
  heldTo: readonly HeldTo[];
  /** Where its parts stand in the file. */
  places: StepPlaces;
}

export interface StepPlaces {
  /** The whole step. */
  step: Place;
  /** The same, as editors count; copies of a repeated step have one. */
  range: Range;
  /** The word that says what it is. */
  kind: Place;
  begin?: Place;
  share?: Place;
  stages?: Place;
  /** Values of fields, by key. */
  fields: Readonly<Record<string, Place>>;
}

/** A threshold of the file, as runs say it. */
export interface HeldTo {
  /** In one spelling, as in the states of a run. */
  expression: string;
  /** The step that it stands in; undefined: it stands among those of the whole run. */
  step: string | undefined;
  /** Of `default`, several have the same. */
  range: Range;
}

/** A scenario, as far as it could be read: what is wrong with it has problems. */
export interface Scenario {
  name: string | undefined;
  /** Where the name stands, or would: at the file's begin. */
  nameRange: Range;
  /** The deployment that the file is meant for. */
  deployment: { url: string; place: Place } | undefined;
  steps: readonly Step[];
  /** Where what it says for all its steps stands. */
  places: { template?: Place; parameters?: Place };
  /** What the whole run is held to; `default` is written out. */
  thresholds: readonly string[];
  /** All thresholds, those of the steps too, with their places. */
  heldTo: readonly HeldTo[];
  /** They only lower what the caller allows. */
  limits: Limits;
  /** Where the run reads the deployment's own figures: addresses, `auto` or `api`. */
  serverMetrics: readonly string[];
  /** The search for the largest load that its runs are, with the names of its values in their own words. */
  search: SearchAsked | undefined;
  /** Where it stands. */
  searchRange: Range | undefined;
  /** What a run is compared with. */
  baseline: string | undefined;
  /** The file as it is run: with what `--set` has put in, its variables not put in. */
  text: string;
}
