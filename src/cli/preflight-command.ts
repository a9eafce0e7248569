import { Command } from "commander";
import { plainLine } from "../app/plain.ts";
import { checkedWorkloads, isBlocked, preflight } from "../app/preflight.ts";
import { checksCsv, samplesCsv } from "../app/report/csv.ts";
import { annotationsOfChecks, githubCommands, githubSummaryOfChecks } from "../app/report/github.ts";
import { plainHtml } from "../app/report/html.ts";
import { junitOfChecks } from "../app/report/junit.ts";
import { prometheusOfChecks } from "../app/report/prometheus.ts";
import type { Workload } from "../contract/workload.ts";
import type { Check } from "../protocol/check.ts";
import { englishCheck } from "../protocol/in-english.ts";
import { workloadNamed, workloads } from "../workloads/index.ts";
import { type CommonFlags, deployment, quiet, serverMetricsFlag, targetFlags } from "./command.ts";
import { EXIT } from "./exit.ts";
import { type Output, parseOutputs } from "./outputs.ts";
import { askedKube, askedMetrics, orUsage } from "./server-metrics.ts";
import { addOptions, configOf } from "./workload-command.ts";
import { writeEach } from "./write-outputs.ts";

type Flags = CommonFlags & Record<string, unknown>;

/** What is looked at where none is named: what was there before there were several. */
const [DEFAULT] = workloads;

/** `preflight [workload]`, with the workload's own flags. */
export function preflightProgram(setExit: (code: number) => void): Command {
  const group = commandFor(quiet(new Command("preflight")), DEFAULT, () => ({}), setExit)
    .description(
      `Check a deployment before a load, and make nothing: takes the flags of the run (${DEFAULT.name} where none is named)`,
    )
    // What stands behind the workload's name is the workload's.
    .enablePositionalOptions();
  for (const name of checkedWorkloads()) {
    const command = quiet(new Command(name)).description(`Check before a run of ${name}`);
    group.addCommand(commandFor(command, workloadNamed(name), () => group.opts<Flags>(), setExit));
  }
  return group;
}

/** `before` are the flags that were given before the workload's name. */
function commandFor(
  command: Command,
  workload: Workload,
  before: () => Flags,
  setExit: (code: number) => void,
): Command {
  addOptions(serverMetricsFlag(targetFlags(command)), workload.fields);
  return command.action(async (own: Flags) => {
    const flags = { ...before(), ...own };
    const { config } = configOf(workload, flags);
    setExit(await lookOnly(workload, config, flags));
  });
}

/** Checks a deployment for a run with this configuration, and reports what was found. Resolves with the exit code. */
export async function lookOnly(
  workload: Workload,
  config: Readonly<Record<string, unknown>>,
  flags: CommonFlags,
): Promise<number> {
  const outputs = parseOutputs(flags.output ?? []);
  const { target, sandbox } = await deployment(flags);
  try {
    const checks = await orUsage(() =>
      preflight(workload.name, config, target, undefined, {
        asked: askedMetrics(flags),
        kube: askedKube(flags),
      }),
    );
    report(outputs, checks);
    return isBlocked(checks) ? EXIT.refused : EXIT.passed;
  } finally {
    await sandbox?.close();
  }
}

function report(outputs: readonly Output[], checks: readonly Check[]): void {
  const said = checks.map(englishCheck);
  writeEach(outputs, {
    json: () => `${JSON.stringify({ checks: said }, null, 2)}\n`,
    text: () => textOf(said),
    junit: () => junitOfChecks(said),
    csv: () => checksCsv(said),
    // Nothing has run for a second.
    "seconds-csv": () => samplesCsv([], []),
    html: () => plainHtml("Preflight", textOf(said)),
    github: () => githubCommands(annotationsOfChecks(said)),
    githubSummary: () => githubSummaryOfChecks(said),
    "prometheus-textfile": () => prometheusOfChecks(said),
  });
}

const SIGNS = { ok: "ok     ", warning: "warning", blocks: "blocks " };

function textOf(checks: readonly ReturnType<typeof englishCheck>[]): string {
  const width = Math.max(...checks.map((check) => check.label.length));
  const lines = checks.map(
    ({ status, label, figure, mend }) =>
      `${SIGNS[status]}  ${label.padEnd(width)}  ${plainLine(figure)}${mend ? `\n${" ".repeat(width + 11)}→ ${plainLine(mend)}` : ""}`,
  );
  return `${lines.join("\n")}\n`;
}
