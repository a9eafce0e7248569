import { h } from "./dom.ts";

export interface Section {
  node: HTMLElement;
  /** Beside the heading, dimmed. */
  note: HTMLElement;
  /** At the right end of the heading's line. */
  aside: HTMLElement;
}

let sections = 0;

/** A part of the panel with its heading; a landmark that a screen reader can jump to. */
export function createSection(title: string, note: string, ...content: HTMLElement[]): Section {
  const id = `section-${++sections}`;
  const noteNode = h("span", { class: "note" }, note);
  const aside = h("span", { class: "aside" });
  const heading = h("div", { class: "section-heading" }, h("h2", { id }, title), noteNode, aside);
  const node = h("section", { "aria-labelledby": id }, heading, ...content);
  return { node, note: noteNode, aside };
}
