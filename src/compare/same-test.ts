import { isDeepStrictEqual } from "node:util";
import type { Workload } from "../contract/workload.ts";
import { formatDuration } from "../protocol/duration.ts";
import type { StepRequest } from "../protocol/step-request.ts";
import { type Message, say, sayAll } from "../text/message.ts";

/** What a run was a test of. */
export interface TestOf {
  /** URL of the deployment. */
  url: string;
  /** It was a simulated one; undefined: not known yet. */
  sandbox?: boolean | undefined;
  steps: readonly TestedStep[];
}

export interface TestedStep extends StepRequest {
  /** Of maps in `config`, the names whose values are not known. */
  withheld?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** The kind of a step by its workload's name. */
export type WorkloadOf = (name: string) => Pick<Workload, "fields" | "check"> | undefined;

/** What does not make it another test: what it is held to, how it is cleaned up, and where its tools are. */
const NOT_OF_THE_TEST =
  /^(thresholds|cleanup.*|run|folder|timeoutMs|prometheus.*|coderCli|downloadCli|trace.*|runLogOutput)$/;

/** What differs between two tests, in which a comparison would see it; empty where both are the same. */
export function testDifferences(now: TestOf, before: TestOf, workloadOf: WorkloadOf): Message[] {
  const order = (test: TestOf) => test.steps.map(({ name, workload }) => `${name} (${workload})`);
  const [own, earlier] = [order(now), order(before)];
  const sameSteps = isDeepStrictEqual(own, earlier);
  return [
    ...(isSameDeployment(now, before) ? [] : [differs(say("deployment"), now.url, before.url)]),
    ...(sameSteps ? [] : [differs(say("steps"), own.join(", "), earlier.join(", "))]),
    ...(sameSteps
      ? now.steps.flatMap((step, at) => {
          const other = before.steps[at];
          return other ? stepDifferences(step, other, { workloadOf, namesStep: now.steps.length > 1 }) : [];
        })
      : []),
  ];
}

/** "count: 20, was 10; concurrency: 4, was 2" */
export function sayDifferences(differences: readonly Message[]): Message {
  return sayAll(differences, "; ");
}

/** A sandbox on this machine is made anew for each run, on another port. */
function isSameDeployment(now: TestOf, before: TestOf): boolean {
  if (originOf(now.url) === originOf(before.url)) return true;
  if (now.sandbox === false || before.sandbox !== true) return false;
  return isHere(now.url) && isHere(before.url);
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

function isHere(url: string): boolean {
  return URL.canParse(url) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

function stepDifferences(
  now: TestedStep,
  before: TestedStep,
  { workloadOf, namesStep }: { workloadOf: WorkloadOf; namesStep: boolean },
): Message[] {
  const workload = workloadOf(now.workload);
  const named = (what: string) => (namesStep ? say('step "{0}": {1}', now.name, what) : say("{0}", what));
  const [own, earlier] = [configOf(now, workload), configOf(before, workload)];
  const keys = [...new Set([...Object.keys(own), ...Object.keys(earlier)])].filter(
    (key) => !NOT_OF_THE_TEST.test(key),
  );
  return [
    ...keys.flatMap((key) => {
      const field = workload?.fields[key];
      const text = (value: unknown) => valueText(value, field?.unit);
      if (isSame(own[key], earlier[key], [...(now.withheld?.[key] ?? []), ...(before.withheld?.[key] ?? [])]))
        return [];
      if (field?.mayBeSecret) return [say("{0} has other values", named(field.flag ?? key))];
      return [differs(named(field?.flag ?? key), text(own[key]), text(earlier[key]))];
    }),
    ...(isDeepStrictEqual(plain(now.begin), plain(before.begin)) ? [] : [say("{0} differs", named("begin"))]),
    ...(isDeepStrictEqual(plain(now.profile), plain(before.profile))
      ? []
      : [say("{0} differs", named("stages"))]),
  ];
}

/** With its defaults: a value that is left out equals the default that is written out. */
export function configOf(
  { config }: Pick<TestedStep, "config">,
  workload: ReturnType<WorkloadOf>,
): Readonly<Record<string, unknown>> {
  try {
    return plain(workload?.check(config).config ?? config);
  } catch {
    return config;
  }
}

/** As it is in a file: without what is undefined. */
function plain<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

/** Of maps, names whose values are not known are left out. */
export function isSame(now: unknown, before: unknown, unknown: readonly string[]): boolean {
  if (unknown.length === 0) return isDeepStrictEqual(now, before);
  const without = (value: unknown) =>
    Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => !unknown.includes(name)));
  return isDeepStrictEqual(without(now), without(before));
}

function differs(what: Message, now: string, before: string): Message {
  return say("{0}: {1}, was {2}", what, now, before);
}

/** A field's value as it is written; a dash where there is none. */
export function valueText(value: unknown, unit: string | undefined): string {
  if (value === undefined || value === null || value === "") return "–";
  if (typeof value === "number" && unit === "ms") return formatDuration(value);
  if (Array.isArray(value)) return value.map((one) => valueText(one, unit)).join(", ") || "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
