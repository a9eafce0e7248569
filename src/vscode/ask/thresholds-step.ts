import { lookedUp, plural, t, wordsOf } from "../../l10n/text.ts";
import { distinctThresholds, parseThreshold, ThresholdError } from "../../measure/threshold.ts";
import type { Metric } from "../../protocol/description.ts";
import { type Answer, BACK, type Choice, type Inputs, type Place } from "../ui/inputs.ts";

/** What a person does with the list of thresholds. */
type Change = "done" | { add: string } | { remove: string };

/**
 * Asks what a run is held to: examples by metric, which typing narrows, and anything else that is typed. Resolves with
 * the expressions, each once. `isStep`: it is a question among others, which Escape leaves all together.
 */
export async function askThresholds(
  inputs: Pick<Inputs, "choose">,
  place: Place,
  metrics: readonly Metric[],
  before: readonly string[],
  { isStep = false } = {},
): Promise<Answer<readonly string[]>> {
  let held = [...before];
  const durations = metrics.filter(({ kind }) => kind === "duration");
  const [example = "failures.rate<1%"] = durations
    .flatMap((one) => exampleOf(one, metrics))
    .map(({ label }) => label);
  while (true) {
    const answer = await inputs.choose<Change>({
      ...place,
      placeholder: isStep
        ? t("Type a threshold such as {0}, or choose one", example)
        : t("Type a threshold such as {0}, or choose one; Escape changes nothing", example),
      choices: thresholdChoices(metrics, held),
      typed: (text) => typedChoice(metrics, text),
    });
    if (answer === undefined || answer === BACK) return answer;
    if (answer === "done") return held;
    held =
      "add" in answer
        ? distinctThresholds([...held, answer.add], metrics).map(({ expression }) => expression)
        : held.filter((one) => one !== answer.remove);
  }
}

/** Done first; then what holds, which a choice takes away; then examples. */
export function thresholdChoices(metrics: readonly Metric[], held: readonly string[]): Choice<Change>[] {
  const names = new Set(held.flatMap((text) => /^\w+/.exec(text)?.[0] ?? []));
  return [
    {
      label: `$(check) ${t("Done")}`,
      description: plural(held.length, { one: "{0} threshold", other: "{0} thresholds" }),
      value: "done",
    },
    ...held.map(
      (text, index): Choice<Change> => ({
        label: `$(law) ${text}`,
        description: t("choose to remove it"),
        ...(index === 0 ? { group: t("Held to") } : {}),
        value: { remove: text },
      }),
    ),
    ...metrics
      .filter(({ name, judged }) => judged !== false && !names.has(name))
      .flatMap((metric) => exampleOf(metric, metrics))
      .map((choice, index) => (index === 0 ? { ...choice, group: t("Examples") } : choice)),
  ];
}

function exampleOf(metric: Metric, metrics: readonly Metric[]): Choice<Change>[] {
  const limit = {
    duration: ".p95<1s",
    share: metric.better === "higher" ? ".rate>=99%" : ".rate<1%",
    counter: ".count<1",
    gauge: undefined,
  }[metric.kind];
  const text = `${metric.name}${limit}`;
  if (limit === undefined || problemOf(text, metrics)) return [];
  return [{ label: text, description: lookedUp(metric.text), value: { add: text } }];
}

/** What is typed, as a choice of its own; else what is wrong with it. Nothing while the name is not typed to its end. */
function typedChoice(metrics: readonly Metric[], typed: string): Choice<Change> | undefined {
  const text = typed.trim();
  if (!/[.{<>=]/.test(text)) return undefined;
  const problem = problemOf(text, metrics);
  if (problem) return { label: `$(error) ${problem}` };
  return { label: `$(add) ${text}`, description: t("add this threshold"), value: { add: text } };
}

function problemOf(text: string, metrics: readonly Metric[]): string | undefined {
  try {
    parseThreshold(text, metrics);
    return undefined;
  } catch (error) {
    if (error instanceof ThresholdError) return wordsOf(error.said);
    throw error;
  }
}
