import { isDeepStrictEqual } from "node:util";
import { configOf, isSame, type TestedStep, valueText } from "../../compare/same-test.ts";
import type { ConfigurationRow } from "../../protocol/compare-page.ts";
import { formatDuration } from "../../protocol/duration.ts";
import type { AskedRow } from "../../protocol/panel.ts";
import type { Begin, Profile } from "../../protocol/step-request.ts";
import { foreign, type Message, say, sayAll, isSame as saysTheSame } from "../../text/message.ts";
import { workloadByName } from "../../workloads/index.ts";
import type { PageRun } from "./compare.ts";

/** What the runs were asked to do, and of whom, field by field. */
export function configurationOf(runs: readonly PageRun[]): ConfigurationRow[] {
  return [...wholeRows(runs), ...stepNames(runs).flatMap((name) => stepRows(runs, name))];
}

function wholeRows(runs: readonly PageRun[]): ConfigurationRow[] {
  const ofRun = ({ final }: PageRun) => final.whole.run;
  const row = (label: Message, said: (run: PageRun) => string) =>
    told(
      label,
      runs.map((run) => foreign(said(run) || "–")),
    );
  return [
    row(say("deployment"), (run) => ofRun(run).deployment.host),
    row(say("Coder"), (run) => ofRun(run).deployment.version),
    row(say("Scale Test"), ({ product }) => product),
    row(say("machine"), (run) => ofRun(run).host),
    row(say("steps"), ({ final }) => final.whole.steps.map(({ name }) => name).join(", ")),
  ];
}

/** What one run was asked to do, field by field, and by which version. */
export function askedRows({ steps, product }: { steps: readonly TestedStep[]; product: string }): AskedRow[] {
  return [
    { label: say("Scale Test"), value: foreign(product) },
    ...steps.flatMap((step) =>
      [...fieldRows([step]), ...timeRows([step])].flatMap(({ label, values: [value] }) =>
        value ? [{ ...(steps.length > 1 ? { step: step.name } : {}), label, value }] : [],
      ),
    ),
  ];
}

/** Runs of one step are compared as that, whatever the step is called. */
function stepNames(runs: readonly PageRun[]): (string | undefined)[] {
  const all = runs.map(({ known }) => known?.test.steps.map(({ name }) => name) ?? []);
  if (all.every(({ length }) => length <= 1)) return [undefined];
  return [...new Set(all.flat())];
}

function stepRows(runs: readonly PageRun[], name: string | undefined): ConfigurationRow[] {
  const steps = runs.map(({ known }) =>
    known?.test.steps.find((step) => name === undefined || step.name === name),
  );
  const rows = [...fieldRows(steps), ...timeRows(steps)].map((row) => withUnknown(row, runs));
  return name === undefined ? rows : rows.map((row) => ({ ...row, step: name }));
}

/** Of a run whose folder does not say what it was asked, nothing is known: that is no step that it does not have. */
function withUnknown(row: ConfigurationRow, runs: readonly PageRun[]): ConfigurationRow {
  return { ...row, values: row.values.map((value, at) => (runs[at]?.known ? value : say("not known"))) };
}

type Steps = readonly (TestedStep | undefined)[];

function fieldRows(steps: Steps): ConfigurationRow[] {
  const configs = steps.map((step) => (step ? configOf(step, workloadByName(step.workload)) : undefined));
  const keys = [...new Set(configs.flatMap((config) => Object.keys(config ?? {})))];
  return keys.flatMap((key) => {
    const field = steps
      .map((step) => step && workloadByName(step.workload)?.fields[key])
      .find((one) => one !== undefined);
    const values = configs.map((config) => config?.[key]);
    if (values.every(isNothing)) return [];
    const withheld = steps.flatMap((step) => step?.withheld?.[key] ?? []);
    const differs = steps.some(
      (step, at) => !!step !== !!steps[0] || !isSame(values[at], values[0], withheld),
    );
    const written = (value: unknown) =>
      field?.mayBeSecret && !isNothing(value) ? say("not shown") : foreign(valueText(value, field?.unit));
    return [
      {
        label: foreign(field?.flag ?? key),
        values: values.map((value, at) => (steps[at] ? written(value) : null)),
        differs,
      },
    ];
  });
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || isDeepStrictEqual(value, {});
}

/** When a step begins, and how its load goes; only where one of them says it. */
function timeRows(steps: Steps): ConfigurationRow[] {
  const row = (label: Message, said: (step: TestedStep) => Message | undefined) => {
    if (steps.every((step) => !step || said(step) === undefined)) return [];
    return [
      told(
        label,
        steps.map((step) => (step ? (said(step) ?? foreign("–")) : null)),
      ),
    ];
  };
  return [
    ...row(say("begin"), ({ begin }) => begin && beginText(begin)),
    ...row(say("stages"), ({ profile }) => profile && stagesText(profile)),
  ];
}

function beginText(begin: Begin): Message {
  switch (begin.kind) {
    case "after":
      return say("after {0}", begin.step);
    case "with":
      return say("with {0}", begin.step);
    case "at":
      return say("at {0}", formatDuration(begin.ms));
    case "hold":
      return say("{0} into the hold of {1}", formatDuration(begin.ms), begin.step);
  }
}

function stagesText({ stages }: Profile): Message {
  return sayAll(
    stages.map(({ forMs, to }) => say("{0} → {1}", formatDuration(forMs), to)),
    ", ",
  );
}

function told(label: Message, values: (Message | null)[]): ConfigurationRow {
  return {
    label,
    values,
    differs: values.some((one) => !saysTheSame(one ?? undefined, values[0] ?? undefined)),
  };
}
