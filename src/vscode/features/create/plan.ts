import { formatCount } from "../../../l10n/figures.ts";
import { plural, t } from "../../../l10n/text.ts";

/** What is about to be started, for the last question. */
export interface PlanSummary {
  host: string;
  template: string;
  count: number;
  concurrency: number;
  runCommand: string;
  /** How long it may take. */
  runTimeout: string;
  ssh: boolean;
  /** Where the load comes from. */
  from: string;
  cleanup: boolean;
}

/**
 * Most API calls for a workspace's whole life, and those made once for a run: sign-in, template, dry-run,
 * list polls, the proof at the end.
 */
const CALLS_PER_WORKSPACE = 8;
const CALLS_PER_RUN = 20;

/** One sentence that says what will happen; short enough for one line of a pick list. */
export function planSentence(plan: PlanSummary): string {
  const atOnce =
    plan.concurrency === 0 || plan.concurrency >= plan.count
      ? t("all at once")
      : plan.concurrency === 1
        ? t("one after another")
        : t("{0} at a time", plan.concurrency);
  const end = plan.cleanup ? t("then delete everything") : t("and leave it there");
  return t("Create {0} × {1} on {2}, {3}, {4}.", plan.count, plan.template, plan.host, atOnce, end);
}

/** What is done in each workspace. */
export function useSentence({
  ssh,
  runCommand,
  runTimeout,
}: Pick<PlanSummary, "ssh" | "runCommand" | "runTimeout">): string {
  if (ssh)
    return runCommand
      ? t('Connect by SSH, run "{0}" in the web terminal for at most {1}.', runCommand, runTimeout)
      : t("Connect by SSH.");
  return runCommand
    ? t('Run "{0}" in the web terminal for at most {1}.', runCommand, runTimeout)
    : t("Only wait until it is ready.");
}

/** What it costs the deployment, and where the load comes from. */
export function costSentence(plan: PlanSummary): string {
  const calls = plan.count * CALLS_PER_WORKSPACE + CALLS_PER_RUN;
  const builds = plan.concurrency === 0 ? plan.count : Math.min(plan.concurrency, plan.count);
  return plural(
    builds,
    {
      one: "At most {1} API calls, {0} build at once, from {2}.",
      other: "At most {1} API calls, {0} builds at once, from {2}.",
    },
    formatCount(calls),
    plan.from,
  );
}

export function titleOf(plan: Pick<PlanSummary, "count" | "template">): string {
  return t("create {0} × {1}", plan.count, plan.template);
}
