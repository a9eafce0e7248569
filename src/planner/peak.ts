import { formatSize } from "../protocol/rate.ts";
import type { Peak, PeakOf, WeeklyPeak } from "../protocol/weekly-peak.ts";
import { foreign, type Message, ofWords, say, words } from "../text/message.ts";
import type { Plan } from "./plan.ts";
import { TIERS } from "./published.ts";

/** A plan is looked at again where it is used to this share. */
const USED = 0.7;
const DAY_MS = 86_400_000;
/** Two halves of a week. */
const HALVES_PER_WEEK = 2;
/** Growth that is less than this of the peak, and more weeks than that, say nothing. */
const LEAST_GROWTH = 0.02;
const MOST_WEEKS = 52;

/** When a plan is looked at again. */
export interface LookAgain {
  /** Active users that the plan's architecture is for, and those at which to look again. */
  of: number;
  atUsers: number;
  /** The highest of the week is there already. */
  isNow: boolean;
  /** At the growth between the halves of the week; undefined where that cannot be said. */
  weeks: number | undefined;
}

/** The highest of one figure; undefined where the server has nothing of it. */
export function highestOf({ peaks }: Pick<WeeklyPeak, "peaks">, of: PeakOf): Peak | undefined {
  return peaks.find((one) => one.of === of);
}

/** Active users at the peak, as a plan takes them. */
export function usersAtPeak(peak: Pick<WeeklyPeak, "peaks">): number | undefined {
  const users = highestOf(peak, "users")?.value;
  return users === undefined || users < 1 ? undefined : Math.ceil(users);
}

/** undefined where nothing is known of active users. */
export function lookAgain(
  { users: planned, rules }: Pick<Plan, "users" | "rules">,
  peak: WeeklyPeak,
): LookAgain | undefined {
  const users = highestOf(peak, "users");
  if (!users) return undefined;
  const of = roomOf(planned, rules);
  const atUsers = Math.ceil(USED * of);
  const isNow = users.value >= atUsers;
  const { earlier, later } = users.halves ?? { earlier: 0, later: 0 };
  const perWeek = (later - earlier) * HALVES_PER_WEEK;
  const weeks = Math.ceil((atUsers - users.value) / perWeek);
  const isKnown =
    users.halves && !isNow && later - earlier >= LEAST_GROWTH * users.value && weeks <= MOST_WEEKS;
  return { of, atUsers, isNow, weeks: isKnown ? weeks : undefined };
}

/** For how many users what is planned is: the architecture's, or the thousands of 2023. */
function roomOf(users: number, rules: Plan["rules"]): number {
  if (rules === "2023") return Math.max(1, Math.ceil(users / 1_000)) * 1_000;
  return TIERS.find((tier) => users <= tier.users)?.users ?? users;
}

const NAMES: Readonly<Record<PeakOf, string>> = {
  users: words("active users"),
  agents: words("connected agents"),
  websockets: words("WebSockets of coderd"),
  terminals: words("web terminals"),
  cpu: words("busy cores of coderd"),
  memory: words("memory of coderd"),
};

function figure({ of, value }: Pick<Peak, "of" | "value">): string | number {
  if (of === "memory") return formatSize(value);
  return of === "cpu" ? Number(value.toFixed(2)) : Math.round(value);
}

/** The highest figures with their times, what coderd has, and when to look again. */
export function sayPeak(plan: Pick<Plan, "users" | "rules" | "coderd">, peak: WeeklyPeak): Message[] {
  const { peaks, missing } = peak;
  return [
    ...sayPart(peak),
    ...peaks.map((one) =>
      say("highest in the last 7 days: {0} {1}, at {2}", ofWords(NAMES[one.of]), figure(one), timeOf(one.at)),
    ),
    ...missing.map(({ of, series }) =>
      say("not known: {0}; the Prometheus server has no {1}", ofWords(NAMES[of]), series),
    ),
    ...sayHas(plan, peak),
    ...sayAgain(lookAgain(plan, peak)),
  ];
}

/** Where there are fewer days than seven. */
function sayPart({ from, until }: WeeklyPeak): Message[] {
  const days = (until - from) / DAY_MS;
  if (days >= 6.9) return [];
  return [say("the Prometheus server has only the last {0} days of it", Number(days.toFixed(1)))];
}

function sayHas({ coderd }: Pick<Plan, "coderd">, peak: WeeklyPeak): Message[] {
  const { replicas, cores } = peak;
  const busy = highestOf(peak, "cpu")?.value;
  if (replicas === undefined) return [];
  const has =
    cores === undefined
      ? say("coderd has {0} replicas; planned are {1}", replicas, coderd.replicas)
      : say(
          "coderd has {0} replicas with {1} cores together; planned are {2} with {3}",
          ...[replicas, cores, coderd.replicas, coderd.replicas * coderd.cores],
        );
  const isShort =
    replicas < coderd.replicas || (cores !== undefined && cores < coderd.replicas * coderd.cores);
  return [
    isShort ? say("{0}: too few", has) : has,
    ...(cores && busy !== undefined
      ? [say("at the highest, {0} % of these cores were busy", Math.round((100 * busy) / cores))]
      : []),
  ];
}

function sayAgain(again: LookAgain | undefined): Message[] {
  if (!again) return [];
  const { of, atUsers, isNow, weeks } = again;
  const share = `${USED * 100} %`;
  if (isNow)
    return [
      say(
        "look again now: there were more than {0} active users, {1} of what is planned for {2}",
        atUsers,
        share,
        of,
      ),
    ];
  return [
    weeks === undefined
      ? say("look again at {0} active users, {1} of what is planned for {2}", atUsers, share, of)
      : say(
          "look again at {0} active users, {1} of what is planned for {2}: in about {3} weeks, at the growth between the two halves of these days",
          ...[atUsers, share, of, weeks],
        ),
  ];
}

/** To the minute, in UTC: servers and people may be in different zones. */
function timeOf(ms: number): Message {
  return foreign(`${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`);
}

/** For scripts: snake case, English, cores and bytes as they are. */
export function peakJson(plan: Pick<Plan, "users" | "rules">, peak: WeeklyPeak): Record<string, unknown> {
  const again = lookAgain(plan, peak);
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    source: peak.source,
    from: iso(peak.from),
    until: iso(peak.until),
    highest: Object.fromEntries(
      peak.peaks.map(({ of, value, at, halves }) => [
        of,
        { value, at: iso(at), ...(halves ? { halves } : {}) },
      ]),
    ),
    not_known: peak.missing.map(({ of }) => of),
    has: { replicas: peak.replicas ?? null, cores: peak.cores ?? null },
    look_again: again
      ? { at_users: again.atUsers, of: again.of, now: again.isNow, in_weeks: again.weeks ?? null }
      : null,
  };
}
