import * as z from "zod";
import { shownFigureSchema } from "./description.ts";
import { figureKey } from "./figure-key.ts";
import type { StepView } from "./steps.ts";

/** The one duration that says most of a run, by its p95. */
export const keyFigureSchema = z.object({
  /** In English; looked up where it is shown. */
  label: z.string(),
  figure: shownFigureSchema,
});
export type KeyFigure = z.infer<typeof keyFigureSchema>;

/** undefined where the run describes none, or has not measured it. */
export function keyFigureOf({
  description,
  figures,
  outcome,
}: Pick<StepView, "description" | "figures" | "outcome">): KeyFigure | undefined {
  const { key } = description.brief;
  if (!key) return undefined;
  const live = outcome || !key.live ? undefined : figures[figureKey(key.live)];
  const figure = figures[figureKey(key.figure)] ?? live;
  return figure && { label: key.label, figure };
}
