import { formatCount } from "../../l10n/figures.ts";
import { t, wordsOf } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { Validity } from "../../protocol/snapshot.ts";
import type { Message } from "../../text/message.ts";
import { h, setAttribute, setHidden, setText } from "../dom.ts";

/** Which seconds are left out of a run's figures, and why. */
export function createValidity() {
  const node = h("p", { class: "validity" });
  node.hidden = true;
  let told = "";

  function update(validity: Validity, hasMarks: boolean): void {
    told = validityText(validity) || (hasMarks ? t("Hatched seconds are not in the figures.") : "");
    setHidden(node, told === "");
    setAttribute(node, "data-tone", validity.tooFew ? "bad" : undefined);
    setText(node, told);
  }

  /** What is pointed at takes the line for as long. */
  function point(leftOut: { second: number; reason: Message } | undefined): void {
    if (told === "") return;
    setText(
      node,
      leftOut
        ? t("{0} is left out: {1}", formatClock(leftOut.second * 1_000), wordsOf(leftOut.reason))
        : told,
    );
  }

  return { node, update, point };
}

/** "65 of 70 s valid; the first left out at 00:20: …"; empty where all of them are. */
export function validityText({ measured, valid, first }: Validity): string {
  if (valid >= measured) return "";
  const many = t("{0} of {1} s valid", formatCount(valid), formatCount(measured));
  if (!first) return many;
  return t(
    "{0}; the first left out at {1}: {2}",
    many,
    formatClock(first.second * 1_000),
    wordsOf(first.reason),
  );
}
