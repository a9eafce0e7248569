import type { ToPlanPage } from "../../../protocol/plan-page.ts";
import { planOf } from "../../../scenario/plan.ts";
import { planPicture } from "../../../scenario/plan-picture.ts";
import type { ReadScenario } from "../../../scenario/read.ts";

/** What the page draws: the same plan as `run --plan` prints. */
export function planMessage(uri: string, { scenario, problems }: ReadScenario): ToPlanPage {
  const file = decodeURIComponent(uri.split("/").at(-1) ?? "");
  return {
    type: "plan",
    uri,
    title: scenario.name ?? file.replace(/\.scaletest\.ya?ml$/i, ""),
    picture: planPicture(planOf(scenario)),
    errors: problems.filter(({ severity }) => severity === "error").length,
  };
}
