import { lookedUp, t } from "../../../../l10n/text.ts";
import { type FigureUnit, figuresOf, type Metric } from "../../../../measure/metric.ts";
import { unitOf } from "../../../../protocol/figure-unit.ts";
import { code } from "../../../../scenario/field-words.ts";
import type { Offer } from "./offer.ts";

/** A step of the scenario, as far as a threshold is about it. */
export interface MeasuredStep {
  name: string;
  metrics: readonly Metric[];
}

/** Examples of limits, by unit. */
const LIMITS: Readonly<Record<FigureUnit, string>> = {
  duration: "200ms",
  share: "1%",
  count: "1",
  per_second: "10",
  cores: "0.8",
  bytes: "40KB",
  bytes_per_second: "40KB/s",
};

/**
 * What may follow in a threshold. `before` is its text up to the word that is written, `behind` what stands after that word
 * already; `isOfStep`: it is a step's own.
 */
export function thresholdOffers(
  { before, behind }: { before: string; behind: string },
  steps: readonly MeasuredStep[],
  isOfStep: boolean,
): readonly Offer[] {
  const isThere = (sign: RegExp) => sign.test(behind);
  return following(before, steps, isOfStep).map((offer) => {
    const { kind, label } = offer;
    const isDone =
      (kind === "metric" && isThere(/^[.{]/)) ||
      (kind === "label" && isThere(/^\s*=/)) ||
      (kind === "figure" && isThere(/^\s/));
    return isDone ? { ...offer, insert: label, leadsOn: false } : offer;
  });
}

function following(before: string, steps: readonly MeasuredStep[], isOfStep: boolean): readonly Offer[] {
  const text = before.trimStart();
  if (text === "") return metricOffers(steps, isOfStep);
  const [, name = "", rest = ""] = /^([A-Za-z_]\w*)(.*)$/s.exec(text) ?? [];
  const metric = steps.flatMap(({ metrics }) => metrics).find((one) => one.name === name);
  if (!metric) return [];
  const labels = /^\{[^}]*$/.exec(rest);
  if (labels) return labelOffers(rest, metric, steps, isOfStep);
  const figure = /^(?:\{[^}]*\})?\.([\w.]*)/.exec(rest);
  if (!figure) return [];
  const after = rest.slice(figure[0].length);
  if (after === "") return figureOffers(metric);
  const unit = unitOf(metric, figure[1] ?? "");
  return unit === undefined ? [] : conditionOffers(after.trim(), unit);
}

function metricOffers(steps: readonly MeasuredStep[], isOfStep: boolean): Offer[] {
  const byName = new Map<string, { metric: Metric; steps: string[] }>();
  for (const { name, metrics } of steps)
    for (const metric of metrics) {
      const known = byName.get(metric.name) ?? { metric, steps: [] };
      known.steps.push(name);
      byName.set(metric.name, known);
    }
  return [...byName.values()].map(({ metric, steps: having }) => ({
    label: metric.name,
    kind: "metric",
    insert: `${metric.name}.`,
    detail: lookedUp(metric.text),
    help: metricHelp(metric, isOfStep ? [] : having),
    leadsOn: true,
    inSchema: false,
  }));
}

function labelOffers(
  text: string,
  { labels }: Metric,
  steps: readonly MeasuredStep[],
  isOfStep: boolean,
): Offer[] {
  const plain = { kind: "label", inSchema: false } as const;
  if (/[{,]\s*step\s*=\s*$/.test(text))
    return isOfStep
      ? []
      : steps.map(({ name }) => ({ ...plain, label: name, insert: name, kind: "reference" }));
  if (!/[{,]\s*$/.test(text)) return [];
  const names = isOfStep ? labels : ["step", ...labels];
  return names.map((name) => ({ ...plain, label: name, insert: `${name}=`, leadsOn: name === "step" }));
}

function figureOffers(metric: Metric): Offer[] {
  return figuresOf(metric).flatMap((figure) => {
    const unit = unitOf(metric, figure);
    if (unit === undefined) return [];
    const text = metric.aliases?.[figure]?.text;
    return [
      {
        label: figure,
        kind: "figure",
        insert: `${figure} `,
        detail: text === undefined ? unitWord(unit) : lookedUp(text),
        leadsOn: true,
        inSchema: false,
      },
    ];
  });
}

function conditionOffers(after: string, unit: FigureUnit): Offer[] {
  const word = (label: string, insert: string, detail?: string): Offer => ({
    label,
    insert,
    kind: "word",
    inSchema: false,
    ...(detail === undefined ? {} : { detail }),
  });
  if (after === "")
    return ["<", "<=", ">", ">="].map((sign) => ({ ...word(sign, `${sign} `), leadsOn: true }));
  if (/^(<=?|>=?)$/.test(after)) return [word(LIMITS[unit], LIMITS[unit], unitWord(unit))];
  if (!/^(<=?|>=?)\s*\S/.test(after) || /\b(over|after)$/.test(after)) return [];
  return [
    { said: "over", offer: word("over 30s", "over 30s", t("in each window of that length")) },
    { said: "after", offer: word("after 1m", "after 1m", t("not in the first minute")) },
    { said: "abort", offer: word("abort", "abort", t("stops the run where it is broken")) },
  ].flatMap(({ said, offer }) => (new RegExp(`\\b${said}\\b`).test(after) ? [] : [offer]));
}

/** What a metric is, by which figures it can be held to something, and which steps have it: Markdown. */
export function metricHelp(metric: Metric, steps: readonly string[]): string {
  const figures = figuresOf(metric).flatMap((figure) => {
    const unit = unitOf(metric, figure);
    return unit === undefined ? [] : [`${code(figure)} (${unitWord(unit)})`];
  });
  return [
    `**${lookedUp(metric.text)}** ${code(metric.name)}`,
    t("Figures: {0}", figures.join(", ")),
    ...(metric.labels.length > 0 ? [t("Labels: {0}", ["step", ...metric.labels].map(code).join(", "))] : []),
    ...(steps.length > 0 ? [t("Steps that have it: {0}", steps.map(code).join(", "))] : []),
  ].join("\n\n");
}

export function unitWord(unit: FigureUnit): string {
  const words: Readonly<Record<FigureUnit, string>> = {
    duration: t("a time"),
    share: t("a share in %"),
    count: t("a number"),
    per_second: t("a number a second"),
    cores: t("cores"),
    bytes: t("a size"),
    bytes_per_second: t("a rate"),
  };
  return words[unit];
}
