import { type EnglishBottlenecks, type NothingNamed, sayNothingNamed } from "../protocol/bottlenecks.ts";
import type { EnglishDrilled } from "../protocol/drill.ts";
import { formatClock } from "../protocol/duration.ts";
import type { ServerError } from "../protocol/server-error.ts";
import { english, foreign } from "../text/message.ts";

/** The first is told in full; others have a line each. */
const MOST_OTHERS = 3;
const MOST_ERRORS = 3;

/** How the run stands besides its causes. */
type Standing = Partial<Pick<NothingNamed, "isInvalid" | "holds" | "thresholds">>;

/** What breaks first, in a few lines; nothing where nobody asked. */
export function bottleneckLines(
  causes: EnglishBottlenecks | undefined,
  { isInvalid = false, holds = false, thresholds = [] }: Standing = {},
): string[] {
  if (!causes) return [];
  const { named, cannot_tell, drills = [], errors = [] } = causes;
  const [first, ...others] = named;
  const unknown = [...cannotTellLines(cannot_tell), ...drills.flatMap(drillLines), ...errorLines(errors)];
  if (!first) {
    const felt = causes.felt.map((one) => ({ ...one, text: foreign(one.text) }));
    const said = english(sayNothingNamed({ felt, isInvalid, holds, thresholds }));
    return [`What breaks first: ${said}`, ...unknown, ""];
  }
  return [
    `What breaks first: ${first.title}${sinceText(first)}`,
    ...first.because.map(({ text }) => `  + ${text}`),
    ...first.counter.map(({ text }) => `  - ${text}`),
    `  Remedy: ${first.remedy} (${first.source})`,
    ...others.slice(0, MOST_OTHERS).map((one) => `  Less likely: ${one.title}${sinceText(one)}`),
    ...unknown,
    "",
  ];
}

/** What was taken from the deployment: what was promised for that, and what was seen. */
function drillLines({ title, at, lines }: EnglishDrilled): string[] {
  return [
    `  Drill: ${title}, at ${formatClock(at * 1_000)}`,
    ...lines.map(({ what, promised, seen }) => `    ${what}: promised ${promised.text}; seen ${seen.text}`),
  ];
}

/** What coderd logged meanwhile: it stands beside the cause, and proves none. */
function errorLines(errors: readonly ServerError[]): string[] {
  return errors
    .slice(0, MOST_ERRORS)
    .map(
      ({ text, count, first }) =>
        `  coderd's log, ${count} ×, first at ${formatClock(first * 1_000)}: ${text}`,
    );
}

function sinceText({ since }: { since: number | null }): string {
  return since === null ? "" : `, since ${formatClock(since * 1_000)}`;
}

/** What is wanting is said once, with all that cannot be told for want of it. */
function cannotTellLines(all: EnglishBottlenecks["cannot_tell"]): string[] {
  return [...new Set(all.map(({ without }) => without))].map((without) => {
    const titles = all.filter((one) => one.without === without).map(({ title }) => `"${title}"`);
    return `  Cannot tell without ${without}: ${titles.join(", ")}`;
  });
}
