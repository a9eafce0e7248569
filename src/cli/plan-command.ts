import { Command, InvalidArgumentError, Option } from "commander";
import { type MeasuredRun, measuredRun } from "../app/measured-run.ts";
import { weeklyPeak } from "../app/server-metrics/weekly-peak.ts";
import { type MeasuredPlan, measuredPlan } from "../planner/measured-plan.ts";
import { measuredJson } from "../planner/measured-text.ts";
import { peakJson, usersAtPeak } from "../planner/peak.ts";
import { type Plan, planFor, type RuleSet } from "../planner/plan.ts";
import { planText } from "../planner/plan-text.ts";
import { nearestTest } from "../planner/published.ts";
import { parseDuration } from "../protocol/duration.ts";
import type { WeeklyPeak } from "../protocol/weekly-peak.ts";
import { productHome, runsIn } from "../runs/home.ts";
import { english } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { collect, quiet } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { orUsage } from "./server-metrics.ts";

interface PlanFlags {
  users?: number;
  webShare?: number;
  builds?: number;
  starts?: number;
  window?: number;
  buildP50?: number;
  buildP95?: number;
  provisioners: "external" | "integrated";
  rules: RuleSet;
  workspaceCores: number;
  workspaceMemory: number;
  nodeCores: number;
  nodeMemory: number;
  measured?: string;
  serverMetrics?: string[];
  json?: boolean;
}

const MINUTE_MS = 60_000;

/** `plan`: what so many users need, by the rules that Coder has published. Asks no deployment, and no server unless told to. */
export function planProgram(): Command {
  return quiet(new Command("plan"))
    .description("What a deployment needs for so many users, by Coder's published sizing rules")
    .option(
      "--users <n>",
      "users who are active at the same time, at the peak (default: the highest that --server-metrics tells of)",
      wholeNumber,
    )
    .option("--web-share <share>", "of them, those who work in the browser, such as 60% (default 0%)", share)
    .option("--builds <n>", "builds at the same time; by default, 6 for each 100 users", wholeNumber)
    .option(
      "--starts <n>",
      "workspaces started at nine o'clock; by default, 60 for each 100 users",
      wholeNumber,
    )
    .option("--window <duration>", "time over which these are started (default 15m)", duration)
    .option("--build-p50 <duration>", "how long half of the builds take at most (default 1m)", duration)
    .option(
      "--build-p95 <duration>",
      "how long 95 of 100 builds take at most (default three times that)",
      duration,
    )
    .addOption(
      new Option("--provisioners <where>", "daemons beside coderd, or in it")
        .choices(["external", "integrated"])
        .default("external"),
    )
    .addOption(new Option("--rules <year>", "which rules").choices(["2026", "2023"]).default("2026"))
    .option("--workspace-cores <n>", "CPU cores that a workspace requests", positive, 1)
    .option("--workspace-memory <GB>", "memory that a workspace requests", positive, 2)
    .option("--node-cores <n>", "CPU cores of a node for workspaces", positive, 8)
    .option("--node-memory <GB>", "memory of a node for workspaces", positive, 32)
    .option(
      "--measured <run>",
      "beside the rules, what this run measured of its deployment: an id, last or last-passed",
    )
    .option(
      "--server-metrics <address>",
      "beside the plan, the highest figures of the last 7 days, of a Prometheus server (prometheus+http://HOST:9090?namespace=coder&job=coderd; its token is $CODER_SCALETEST_SERVER_METRICS_TOKEN)",
      collect,
    )
    .option("--json", "print JSON")
    .action(async (flags: PlanFlags, command: Command) => {
      if (flags.users === undefined && !flags.serverMetrics)
        command.error(
          "error: required option '--users <n>' not specified, nor --server-metrics to take it from",
        );
      const peak = flags.serverMetrics && (await peakBy(flags.serverMetrics));
      const users = flags.users ?? (peak && usersFrom(peak));
      if (users === undefined) return;
      const measured = flags.measured === undefined ? undefined : await measuredOf(flags.measured);
      const { times } = measured ?? {};
      const { window = 15 * MINUTE_MS, buildP50 = times?.p50Ms ?? MINUTE_MS } = flags;
      const { buildP95 = flags.buildP50 === undefined && times ? times.p95Ms : 3 * buildP50 } = flags;
      if (buildP95 < buildP50)
        command.error(
          "--build-p95 is shorter than --build-p50: 95 of 100 builds take at least as long as half",
        );
      const plan = planFor({
        rules: flags.rules,
        users,
        webShare: flags.webShare ?? 0,
        builds: flags.builds,
        starts: flags.starts,
        windowMs: window,
        times: { p50Ms: buildP50, p95Ms: buildP95 },
        provisioners: flags.provisioners,
        workspace: { cores: flags.workspaceCores, memory: flags.workspaceMemory },
        node: { cores: flags.nodeCores, memory: flags.nodeMemory },
      });
      const byRun = measured && (await planBy(plan, measured));
      const { because, notes } = plan;
      const words = Object.fromEntries(Object.entries(because).map(([what, why]) => [what, english(why)]));
      const json = {
        ...plan,
        because: words,
        notes: notes.map(english),
        nearest_published_test: nearestTest(plan.users),
        ...(byRun ? { measured: measuredJson(byRun) } : {}),
        ...(peak ? { peak: peakJson(plan, peak) } : {}),
      };
      process.stdout.write(flags.json ? `${JSON.stringify(json, null, 2)}\n` : planText(plan, byRun, peak));
    });
}

/** Only where it is asked for: fitting is a library of its own. */
async function planBy(plan: Plan, { id, moments, times }: MeasuredRun): Promise<MeasuredPlan> {
  const { calibrate } = await import("../planner/calibration.ts");
  return measuredPlan(plan, id, calibrate(moments, times));
}

/** Rejects with CliError. */
async function peakBy(words: readonly string[]): Promise<WeeklyPeak> {
  try {
    const { signal } = new AbortController();
    return await orUsage(() => weeklyPeak({ words, env: process.env, signal }));
  } catch (error) {
    if (error instanceof SaidError) throw new CliError(error.message, EXIT.someFailed);
    throw error;
  }
}

/** Throws CliError (usage) where the server has none. */
function usersFrom(peak: WeeklyPeak): number {
  const users = usersAtPeak(peak);
  if (users !== undefined) return users;
  throw new CliError(
    "the Prometheus server has no active users of the last 7 days (coderd_api_active_users_duration_hour): give --users",
    EXIT.usage,
  );
}

async function measuredOf(name: string): Promise<MeasuredRun> {
  try {
    return await measuredRun(runsIn(productHome()), name);
  } catch (error) {
    if (error instanceof SaidError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of 1 or more.");
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be more than 0.");
}

function share(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100;
  throw new InvalidArgumentError("It must be a share from 0% to 100%, such as 60%.");
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError("It must be a duration such as 90s or 3m.");
}
