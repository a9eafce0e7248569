import type { MeasuredTimes } from "../../../planner/moments.ts";
import { sayPeak, usersAtPeak } from "../../../planner/peak.ts";
import { type Plan, type PlanInput, planFor } from "../../../planner/plan.ts";
import { nearestTest } from "../../../planner/published.ts";
import type { BuildTimes } from "../../../planner/queue.ts";
import { formatDuration, parseDuration } from "../../../protocol/duration.ts";
import type { Sizing, SizingField, SizingInput, SizingRow } from "../../../protocol/sizing-page.ts";
import type { WeeklyPeak } from "../../../protocol/weekly-peak.ts";
import { type Message, say } from "../../../text/message.ts";
import { type Measured, type MeasuredAnswer, measuredAnswer } from "./measured.ts";

/** What the boxes hold at first: as the command line's defaults. */
export const FIRST_INPUT: SizingInput = {
  ...{ users: "1000", webShare: "0%", builds: "", starts: "", window: "15m", buildP50: "", buildP95: "" },
  ...{ provisioners: "external", rules: "2026" },
  ...{ workspaceCores: "1", workspaceMemory: "2", nodeCores: "8", nodeMemory: "32" },
};

/** What a deployment was found to have; undefined: it does not say. */
export interface Has {
  replicas: number | undefined;
  daemons: number | undefined;
}

/** What stands beside the rules. */
export interface Beside {
  measured?: Measured | undefined;
  peak?: WeeklyPeak | undefined;
}

type Problems = Partial<Record<SizingField, Message>>;

const MINUTE_MS = 60_000;

/** What so many users need, or what is wrong with the boxes. The users at the peak go before those in the box. */
export function sizingOf(
  input: SizingInput,
  has: Has | undefined,
  { measured, peak }: Beside = {},
): Omit<Sizing, "type" | "request" | "runs"> {
  const problems: Problems = {};
  const peakUsers = peak && usersAtPeak(peak);
  const users = peakUsers === undefined ? {} : { users: String(peakUsers) };
  const asked = read({ ...input, ...users }, problems, measured?.calibration.times);
  if (Object.keys(problems).length > 0)
    return { problems, rows: [], notes: [], ...(peak ? { peak: { ...users, lines: [] } } : {}) };
  const plan = planFor(asked);
  const byRun = measured && measuredAnswer(plan, measured);
  return {
    problems,
    headline: headlineOf(plan),
    rows: rowsOf(plan, has, byRun),
    notes: [...notesOf(plan), ...(byRun?.notes ?? [])],
    ...(peak ? { peak: { ...users, lines: sayPeak(plan, peak) } } : {}),
  };
}

function read(input: SizingInput, problems: Problems, measured: MeasuredTimes | undefined): PlanInput {
  const take = <T>(field: SizingField, value: T | undefined, problem: Message, otherwise: T): T => {
    if (value === undefined) problems[field] = problem;
    return value ?? otherwise;
  };
  const whole = (field: "users" | "builds" | "starts", text: string) =>
    take(
      field,
      /^\s*[1-9]\d{0,8}\s*$/.test(text) ? Number(text) : undefined,
      say("a whole number of 1 or more"),
      1,
    );
  const optional = (field: "builds" | "starts") =>
    input[field].trim() === "" ? undefined : whole(field, input[field]);
  const time = (field: "window" | "buildP50" | "buildP95") => {
    const ms = parseDuration(input[field].trim());
    return take(field, ms !== undefined && ms > 0 ? ms : undefined, say("a duration such as 90s or 3m"), 1);
  };
  const positive = (field: "workspaceCores" | "workspaceMemory" | "nodeCores" | "nodeMemory") => {
    const value = input[field].trim() === "" ? Number.NaN : Number(input[field]);
    return take(field, Number.isFinite(value) && value > 0 ? value : undefined, say("more than 0"), 1);
  };
  const percent = Number(/^\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(input.webShare)?.[1] ?? Number.NaN);
  const times = timesOf(input, time, measured);
  if (!problems.buildP50 && !problems.buildP95 && times.p95Ms < times.p50Ms)
    problems.buildP95 = say("at least as long as half of the builds take");
  return {
    rules: input.rules,
    users: whole("users", input.users),
    webShare: take("webShare", percent <= 100 ? percent / 100 : undefined, say("a share such as 60%"), 0),
    builds: optional("builds"),
    starts: optional("starts"),
    windowMs: time("window"),
    times,
    provisioners: input.provisioners,
    workspace: { cores: positive("workspaceCores"), memory: positive("workspaceMemory") },
    node: { cores: positive("nodeCores"), memory: positive("nodeMemory") },
  };
}

/** As the command line has them: what is given, else of the run, else a minute and three times that. */
function timesOf(
  { buildP50, buildP95 }: SizingInput,
  time: (field: "buildP50" | "buildP95") => number,
  measured: MeasuredTimes | undefined,
): BuildTimes {
  const isGiven = buildP50.trim() !== "";
  const p50Ms = isGiven ? time("buildP50") : (measured?.p50Ms ?? MINUTE_MS);
  if (buildP95.trim() !== "") return { p50Ms, p95Ms: time("buildP95") };
  return { p50Ms, p95Ms: !isGiven && measured ? measured.p95Ms : 3 * p50Ms };
}

function headlineOf({ users, running, builds, source }: Plan): Message {
  return say(
    "{0} active users, {1} workspaces that run, {2} builds at the same time. By: {3}",
    ...[users, running, builds, source],
  );
}

function rowsOf(
  { coderd, provisioners, database, workspaces, because }: Plan,
  has: Has | undefined,
  byRun: MeasuredAnswer | undefined,
): SizingRow[] {
  const { nodes, daemons, perReplica = 0 } = provisioners;
  return [
    {
      what: say("coderd"),
      needs: say("{0} × {1} cores, {2} GB", coderd.replicas, coderd.cores, coderd.memory),
      ...(byRun ? { measured: byRun.coderd } : {}),
      ...hasOf(has?.replicas, coderd.replicas, (count) => say("{0} replicas", count)),
      because: because.coderd,
    },
    {
      what: say("provisioner daemons"),
      needs: nodes
        ? say("{0} × {1} daemons on {2} cores, {3} GB", nodes.count, nodes.daemons, nodes.cores, nodes.memory)
        : say("{0}, {1} in each replica", daemons, perReplica),
      ...(byRun?.daemons ? { measured: byRun.daemons } : {}),
      ...hasOf(has?.daemons, daemons, (count) => say("{0} daemons", count)),
      because: because.provisioners,
    },
    {
      what: say("database"),
      needs: say(
        "{0} cores, {1} GB, at least {2} connections",
        ...[database.cores, database.memory, database.connections],
      ),
      isShort: false,
      because: because.database,
    },
    {
      what: say("workspace nodes"),
      needs: Number.isFinite(workspaces.nodes)
        ? say(
            "{0} × {1} cores, {2} GB for {3} workspaces",
            ...[workspaces.nodes, workspaces.node.cores, workspaces.node.memory, workspaces.count],
          )
        : say("none fit on {0} cores, {1} GB", workspaces.node.cores, workspaces.node.memory),
      isShort: false,
      because: because.workspaces,
    },
  ];
}

function hasOf(
  count: number | undefined,
  needed: number,
  sayIt: (count: number) => Message,
): Pick<SizingRow, "has" | "isShort"> {
  return count === undefined ? { isShort: false } : { has: sayIt(count), isShort: count < needed };
}

function notesOf(plan: Plan): Message[] {
  const { queue, starts, windowMs, steadyQueueMs, daemonsForAMinute } = plan;
  const test = nearestTest(plan.users);
  return [
    say(
      "At nine o'clock, {0} starts over {1}: a build waits {2} (p50), {3} (p95), {4} (max); all have ended after {5}.",
      ...[starts, ...[windowMs, queue.p50Ms, queue.p95Ms, queue.maxMs, queue.allDoneMs].map(formatDuration)],
    ),
    say("With {0} daemons, 95 of 100 of them wait for less than a minute.", daemonsForAMinute),
    steadyQueueMs === null
      ? say("At that rate all day, the daemons would not keep up: the queue would grow.")
      : say("At that rate all day, a build waits {0} on average.", formatDuration(steadyQueueMs)),
    ...plan.notes.map((note) => say("Note: {0}.", note)),
    say(
      "The nearest published test: {0} users, {1} builds, {2} connections on {3} × {4} cores, {5} GB, database {6} (Coder {7}, {8}).",
      ...[test.users, test.builds, test.connections, test.coderd.replicas, test.coderd.cores],
      ...[test.coderd.memory, test.database, test.version, test.tested],
    ),
  ];
}
