import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Field } from "../contract/fields/field.ts";
import type { Workload } from "../contract/workload.ts";
import { writeDuration } from "../protocol/duration.ts";
import { type RunFile, readRunFile, SCENARIO_FILE, type StepFile } from "../runs/run-file.ts";
import { isSecretName, THRESHOLDS, variableFor } from "../scenario/fields.ts";
import { askedOf } from "../scenario/search.ts";
import { writeScenario } from "../scenario/write.ts";
import { type Shell, type ShellPart, shellOf, shellWord } from "../system/shell-word.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { askedSteps } from "./limit/request.ts";
import { fileNameOf } from "./scenario/file-name.ts";

/** What a run was asked for, as run.json has it, and the file of its scenario. */
export interface RepeatedRun extends Pick<RunFile, "title" | "steps" | "thresholds" | "limit"> {
  deployment: Pick<RunFile["deployment"], "url" | "sandbox">;
  /** The text of the scenario, where the run was of a file. */
  scenario?: string | undefined;
}

export interface RepeatOptions {
  workloads: readonly Workload[];
  /** By default, that of this machine. */
  shell?: Shell;
  /** Where the scenario's file is, if it is one already. */
  file?: string | undefined;
}

export interface Repeat {
  /** In one line, with every word quoted for the shell. It holds no secrets. */
  command: string;
  /** What has to be in the file that the command names; absent where the command names none. */
  file?: { name: string; text: string };
  /** What the command does not hold: variables to set, above all. */
  left: Message[];
}

/**
 * The command that runs the same once more. A single command is that command with its flags; a scenario, and what only a
 * scenario can say, is `run` with a file. The deployment is named by its address; that it may be loaded, whoever repeats
 * it has to confirm anew where it is not marked as staging. undefined where it cannot be repeated: its workload is not
 * known, or it went on with what another run had left.
 */
export function repeatCommand(run: RepeatedRun, options: RepeatOptions): Repeat | undefined {
  try {
    const workloadOf = (name: string) => named(options.workloads, name);
    const kinds = run.steps.map(({ workload }) => workloadOf(workload));
    const asked = run.limit ? { ...run, steps: askedSteps(run.steps, run.limit, workloadOf) } : run;
    const [workload] = kinds;
    const [step] = asked.steps;
    if (!workload || !step) return undefined;
    return isCommand(asked, workload)
      ? ofFlags(asked, step, workload, options)
      : ofFile(asked, kinds, options);
  } catch (error) {
    // A step that can be none of a scenario, or a configuration of another version.
    if (error instanceof SaidError) return undefined;
    throw error;
  }
}

function named(workloads: readonly Workload[], name: string): Workload {
  const workload = workloads.find((one) => one.name === name);
  if (!workload) throw new SaidError(say('there is no workload "{0}"', name));
  return workload;
}

/** The same of a run's folder. Rejects where run.json cannot be read. */
export async function readRepeat(folder: string, options: RepeatOptions): Promise<Repeat | undefined> {
  const [run, scenario] = await Promise.all([
    readRunFile(folder),
    readFile(path.join(folder, SCENARIO_FILE), "utf8").catch(() => undefined),
  ]);
  return repeatCommand({ ...run, scenario }, options);
}

function isCommand({ steps, scenario, limit, thresholds = [] }: RepeatedRun, workload: Workload): boolean {
  const [step, ...more] = steps;
  if (!step || more.length > 0 || scenario !== undefined || step.begin || step.profile) return false;
  if (workload.internal || (limit && (workload.removes || workload.command.length > 1))) return false;
  return thresholds.length === 0 || workload.fields[THRESHOLDS]?.flag !== undefined;
}

type Word = readonly ShellPart[];

function ofFlags(run: RepeatedRun, step: StepFile, workload: Workload, options: RepeatOptions): Repeat {
  const left: Message[] = [];
  const config = { ...step.config };
  const thresholds = [config[THRESHOLDS] ?? [], run.thresholds ?? []].flat();
  if (thresholds.length > 0) config[THRESHOLDS] = thresholds;
  const own = Object.entries(workload.fields).flatMap(([key, field]) =>
    flagsOf(field, config[key], step.withheld?.[key] ?? [], left),
  );
  const words = [...(run.limit ? ["limit"] : []), ...workload.command].map((word) => [word]);
  return { command: lineOf([...words, ...own, ...searchFlags(run), ...targetFlags(run)], options), left };
}

/** Nothing for what holds without a word. */
function flagsOf(field: Field, value: unknown, withheld: readonly string[], left: Message[]): Word[] {
  const { flag } = field;
  const isDefault = isDeepStrictEqual(value, field.schema.safeParse(undefined).data);
  if ((value === undefined || isDefault) && withheld.length === 0) return [];
  if (flag === undefined || field.unsupported !== undefined) return [];
  switch (field.kind) {
    case "boolean":
      if (value === !field.negated) return [[`--${flag}`]];
      left.push(say("{0} is left out, which no flag can say", `--${flag}`));
      return [];
    case "list":
      return [value].flat().flatMap((one) => [[`--${flag}`], [csvField(String(one))]]);
    case "map":
      return mapFlags(flag, Object(value ?? {}) as Record<string, unknown>, withheld, left);
    case "duration":
      return [[`--${flag}`], [writeDuration(Number(value))]];
    default:
      return [[`--${flag}`], [String(value)]];
  }
}

/** Values that are not known, or that look like secrets, are variables, as in a scenario that a run is saved as. */
function mapFlags(
  flag: string,
  values: Readonly<Record<string, unknown>>,
  withheld: readonly string[],
  left: Message[],
): Word[] {
  const hidden = new Set([...withheld, ...Object.keys(values).filter(isSecretName)]);
  const told = Object.entries(values).filter(([name]) => !hidden.has(name));
  const secrets = [...hidden].map((name): Word => {
    const variable = variableFor(name);
    left.push(say("{0} may be secret: set the variable {1} for it", name, variable));
    return [`${name}=`, { variable }];
  });
  return [...told.map(([name, value]): Word => [csvField(`${name}=${value}`)]), ...secrets].flatMap(
    (word) => [[`--${flag}`], word],
  );
}

/** A flag that may be repeated takes fields of CSV: see csvFields. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}

function ofFile(run: RepeatedRun, kinds: readonly Workload[], options: RepeatOptions): Repeat {
  const { title, steps, thresholds, deployment } = run;
  const written =
    run.scenario === undefined
      ? writeScenario(
          { name: title, steps, thresholds, deployment: deployment.sandbox ? undefined : deployment.url },
          options.workloads,
        )
      : { text: run.scenario, left: [] };
  const name = options.file ?? fileNameOf(title);
  const runsPrograms = kinds.some((kind, at) => kind.check(steps[at]?.config).program !== undefined);
  const words = [
    [run.limit ? "limit" : "run"],
    [name],
    ...searchFlags(run),
    ...(runsPrograms ? [["--allow-run"]] : []),
    ...(kinds.some((kind) => kind.removes) ? [["--yes"]] : []),
    ...targetFlags(run),
  ];
  return { command: lineOf(words, options), file: { name, text: written.text }, left: written.left };
}

function searchFlags({ limit, steps }: RepeatedRun): Word[] {
  if (!limit) return [];
  return Object.entries(askedOf(limit, steps.length)).flatMap(([key, value = ""]) => [[`--${key}`], [value]]);
}

/** A sandbox is started for the run. */
function targetFlags({ deployment: { url, sandbox } }: RepeatedRun): Word[] {
  return sandbox ? [["--sandbox"]] : [["--url"], [url]];
}

function lineOf(words: readonly Word[], { shell = shellOf() }: RepeatOptions): string {
  return ["coder-scaletest", ...words.map((word) => shellWord(shell, ...word))].join(" ");
}
