import { localFigure } from "../l10n/figures.ts";
import { t, wordsOf } from "../l10n/text.ts";
import type { Answer } from "../protocol/answer.ts";
import type { StepView } from "../protocol/steps.ts";
import type { Message } from "../text/message.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "./dom.ts";

const SIGNS: Record<Answer["holds"], string> = { yes: "✓", no: "✕", unknown: "?" };
const SPOKEN: Record<Answer["holds"], string> = {
  yes: t("It holds"),
  no: t("It does not hold"),
  unknown: t("It cannot be told whether it holds"),
};

/** One sentence above everything: whether it holds, what limits it and since when; and the rule that it comes from. */
export function createAnswer() {
  const sign = h("span", { class: "sign", "aria-hidden": "true" });
  const line = h("span", { class: "parts" });
  const parts = new KeyedList<Part>(line, ({ at }) => String(at), createPart);
  const heading = h("h2", { class: "hidden-text", id: "answer" }, t("Verdict"));
  const rule = h("ul", {});
  const branches = new KeyedList<Branch>(rule, ({ at }) => String(at), createBranch);
  const why = h("details", { class: "why" }, h("summary", {}, t("Why?")), rule);
  // A screen reader hears of the answer when it turns, and not of every figure in it.
  const spoken = h("p", { class: "hidden-text", role: "status" });
  const node = h(
    "section",
    { class: "answer", "aria-labelledby": "answer" },
    heading,
    h("p", { class: "line" }, sign, line),
    why,
    spoken,
  );
  node.hidden = true;

  function update({ answer }: Pick<StepView, "answer">): void {
    setHidden(node, answer === undefined);
    if (!answer) return;
    setAttribute(node, "data-holds", answer.holds);
    setText(sign, SIGNS[answer.holds]);
    const last = answer.parts.length - 1;
    parts.update(answer.parts.map((text, at) => ({ at, text, isLast: at === last })));
    branches.update(answer.why.map((one, at) => ({ at, ...one })));
    setHidden(why, answer.why.length === 0);
    setText(spoken, SPOKEN[answer.holds]);
  }

  return { node, update };
}

interface Part {
  at: number;
  text: Message;
  isLast: boolean;
}

/** Each on a line of its own; read out, they are one sentence. */
function createPart({ at }: Part): Drawn<Part> {
  const text = h(at === 0 ? "strong" : "span");
  const stop = h("span", { class: "hidden-text" }, "; ");
  const node = h("span", { class: "part" }, text, stop);
  return {
    node,
    update({ text: said, isLast }) {
      setText(text, localFigure(wordsOf(said)));
      setHidden(stop, isLast);
    },
  };
}

interface Branch {
  at: number;
  text: Message;
  applies: boolean;
}

function createBranch(): Drawn<Branch> {
  const sign = h("span", { class: "sign", "aria-hidden": "true" });
  const text = h("span");
  const spoken = h("span", { class: "hidden-text" });
  const node = h("li", {}, sign, text, spoken);
  return {
    node,
    update({ text: said, applies }) {
      setAttribute(node, "data-applies", applies ? "" : undefined);
      setText(sign, applies ? "▸" : "·");
      setText(text, localFigure(wordsOf(said)));
      setText(spoken, applies ? ` ${t("This is why.")}` : "");
    },
  };
}
