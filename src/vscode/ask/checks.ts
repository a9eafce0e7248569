import { listed, plural, t, wordsOf } from "../../l10n/text.ts";
import type { Check } from "../../protocol/check.ts";
import type { Target } from "../../protocol/target.ts";
import { say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import type { Choice } from "../ui/inputs.ts";
import { iconText, LOOKS, type Look } from "../ui/looks.ts";
import type { AskParts } from "./draft.ts";

/** Longer than this, nobody waits for a check before a start; the run itself checks again. */
const PATIENCE_MS = 8_000;

const LOOKS_OF: Record<Check["status"], Look> = {
  ok: LOOKS.good,
  warning: LOOKS.doubtful,
  blocks: LOOKS.bad,
};

/** Checks as lines that only tell: what is wrong first, what is fine in one line unless `all` is wanted. */
export function checkLines<T>(checks: readonly Check[], all: boolean): Choice<T>[] {
  const shown = [
    ...checks.filter(({ status }) => status !== "ok"),
    ...(all ? checks.filter(({ status }) => status === "ok") : []),
  ];
  const lines = shown.flatMap((check) => linesOf<T>(check));
  const fine = checks.filter(({ status }) => status === "ok").length;
  if (!all && fine > 0)
    lines.push({
      label: `${iconText(LOOKS.good)} ${plural(fine, { one: "{0} preflight check passed", other: "{0} preflight checks passed" })}`,
    });
  return headed(t("Checked just now"), lines);
}

/** A pick list cuts what is longer than a line: the rest of it becomes lines of its own. */
function linesOf<T>(check: Check): Choice<T>[] {
  const { status } = check;
  const [label, figure, mend] = [
    wordsOf(check.label),
    wordsOf(check.figure),
    check.mend ? wordsOf(check.mend) : "",
  ] as const;
  const icon = iconText(LOOKS_OF[status]);
  const long = label.length + figure.length > LINE;
  const [first, ...others] = wrapped([...(long ? [figure] : []), mend].filter(Boolean).join(": "));
  return [
    {
      label: `${icon} ${label}`,
      ...(long ? {} : { description: figure }),
      ...(first ? { detail: first } : {}),
    },
    ...others.map((text) => ({ label: "", description: text })),
  ];
}

/** Characters that fit into a line of a pick list, in a font as wide as they come. */
const LINE = 76;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The other choice of every last question. */
export function saveChoice(): Choice<"save"> {
  return {
    label: t("$(save) Save as Scenario…"),
    detail: t("Writes it into a file that can be run again, here and on the command line"),
    value: "save",
  };
}

/** The choice that changes what the run is held to. */
export function thresholdsChoice(held: readonly string[]): Choice<"thresholds"> {
  return {
    label: t("$(law) Thresholds…"),
    detail: held.length > 0 ? listed(held) : t("None: the run fails only if a workspace fails"),
    value: "thresholds",
  };
}

/** What only tells has no label: it is written as the descriptions are, and looks like no choice. */
export function infoLines<T>(name: string, text: string): Choice<T>[] {
  return wrapped(`${name}: ${text}`).map((line) => ({ label: "", description: line }));
}

/** Its first line with a heading above it. */
export function headed<T>(group: string, lines: readonly Choice<T>[]): Choice<T>[] {
  const [first, ...others] = lines;
  return first ? [{ ...first, group }, ...others] : [];
}

/**
 * Asks the deployment what can be found out before a run of this workload; a line of its own where it has not
 * answered while a person waits: the run itself checks again.
 */
export async function runChecks(
  workload: string,
  config: Record<string, unknown>,
  target: Target,
  { metricsAsked }: Partial<Pick<AskParts, "metricsAsked">>,
): Promise<Check[]> {
  const { preflight } = await import("../../app/preflight.ts");
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await preflight(workload, config, target, signal, await metricsAsked?.(target.url));
  } catch (error) {
    const figure = signal.aborted ? say("no answer in time") : saidOf(error);
    return [{ id: "checks", label: say("Checks"), status: "warning", figure }];
  }
}
