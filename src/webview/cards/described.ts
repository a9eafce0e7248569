import { atLeastText, formatShown, lineText, lineTone } from "../../l10n/shown.ts";
import { lookedUp } from "../../l10n/text.ts";
import type { Card, Line } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import { ownStages, type StepView } from "../../protocol/steps.ts";
import type { Described } from "../model/described.ts";
import type { Tone } from "../model/states.ts";
import type { ShownCard } from "./card.ts";
import { ownCard } from "./own.ts";

/** The large numbers of a run, in the order in which it describes them. */
export function cardsOf(snapshot: StepView, described: Described, samples: readonly Sample[]): ShownCard[] {
  return described.description.cards.map((card) =>
    typeof card === "string" ? ownCard(card, snapshot, described, samples) : describedCard(card, snapshot),
  );
}

function describedCard(card: Card, snapshot: StepView): ShownCard {
  const { figures } = snapshot;
  const live = isLive(snapshot) ? card.live : undefined;
  const { label, value, aside, lines, none } = {
    label: live?.label ?? card.label,
    value: live?.value ?? card.value,
    aside: live?.aside ?? card.aside,
    lines: live?.lines ?? card.lines,
    none: live?.none ?? card.none,
  };
  const figure = figures[figureKey(value)];
  const shown = lines.flatMap((line) => lineText(line, figures) ?? []);
  return {
    id: card.id,
    label: lookedUp(label),
    value: formatShown(figure),
    unit: aside ? (lineText(aside, figures) ?? "") : "",
    tone: card.bad && (figure?.value ?? 0) > 0 ? "bad" : "neutral",
    detail: shown.length > 0 ? shown.join(" · ") : none ? lookedUp(none) : "",
    detailTone: worstOf(lines, figures),
    ...(figure?.atLeast ? { hint: atLeastText(figure.atLeast) } : {}),
  };
}

/** While the jobs go on, or are still to come. */
function isLive(view: Pick<StepView, "stages" | "name" | "outcome">): boolean {
  const { outcome } = view;
  const state = ownStages(view).find(({ id }) => id === "jobs")?.state;
  return outcome === null && (state === "pending" || state === "active");
}

function worstOf(lines: readonly Line[], figures: StepView["figures"]): Tone {
  const tones = lines.map((line) => lineTone(line, figures));
  return tones.includes("bad") ? "bad" : tones.includes("warning") ? "warning" : "neutral";
}
