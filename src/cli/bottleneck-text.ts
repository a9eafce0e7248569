import type { EnglishBottlenecks } from "../protocol/bottlenecks.ts";
import { formatClock } from "../protocol/duration.ts";
import type { ServerError } from "../protocol/server-error.ts";

/** The first is told in full; others have a line each. */
const MOST_OTHERS = 3;
const MOST_ERRORS = 3;

/** What breaks first, in a few lines; nothing where nobody asked. `isInvalid`: too little was measured to see it. */
export function bottleneckLines(causes: EnglishBottlenecks | undefined, isInvalid = false): string[] {
  if (!causes) return [];
  const { named, cannot_tell, felt, errors = [] } = causes;
  const [first, ...others] = named;
  const unknown = [...cannotTellLines(cannot_tell), ...errorLines(errors)];
  if (!first && isInvalid)
    return ["What breaks first: cannot tell, for too few seconds count", ...unknown, ""];
  if (!first) {
    const why = felt.length > 0 ? ` for what users feel: ${felt.map(({ text }) => text).join(", ")}` : "";
    return [`What breaks first: no bottleneck seen${why}`, ...unknown, ""];
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
