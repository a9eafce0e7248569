import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { BUNDLE } from "../../scripts/l10n.ts";
import type { PageTexts } from "../../src/l10n/page.ts";

/**
 * A language that nobody speaks: every text in brackets, and 40 % longer. What is on the screen without brackets
 * was never given to a translator; what is cut off would be so in German.
 */
export function pseudoTexts(): PageTexts {
  const bundle: Record<string, string> = JSON.parse(readFileSync(BUNDLE, "utf8"));
  const contents = Object.fromEntries(Object.keys(bundle).map((message) => [message, pseudo(message)]));
  return { language: "en-XA", contents };
}

export function pseudo(message: string): string {
  const length = Math.ceil(message.replace(/\{\d\}/g, "").length * 0.4);
  return `⟦${message}${"ẋ".repeat(Math.min(length, 3))}${" ẋẋẋẋ".repeat(Math.max(0, Math.round((length - 3) / 5)))}⟧`;
}

/** What a text has outside of brackets. */
export function outside(text: string): string {
  let depth = 0;
  let rest = "";
  for (const sign of text) {
    if (sign === "⟦") depth++;
    else if (sign === "⟧") depth--;
    else if (depth === 0) rest += sign;
  }
  return rest;
}

/** Everything that the page says, to eyes and to screen readers. */
export function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const said: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (!element || element.closest("script, style, pre, [hidden], canvas")) continue;
      if (node instanceof Element) {
        for (const name of ["aria-label", "title", "placeholder"]) said.push(node.getAttribute(name) ?? "");
      } else said.push(node.textContent ?? "");
    }
    return [...new Set(said.map((text) => text.trim()).filter(Boolean))];
  });
}

/** Texts of which not all can be seen: they go beyond a box that clips them, or beyond the page. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    const isCut = (node: Text, from: Element): boolean => {
      const range = document.createRange();
      range.selectNodeContents(node);
      const { left, right, width } = range.getBoundingClientRect();
      if (width === 0) return false;
      for (let box: Element | null = from; box && box !== document.body; box = box.parentElement) {
        const { overflowX } = getComputedStyle(box);
        const limits = box.getBoundingClientRect();
        if (overflowX !== "visible") return right > limits.right + 1 || left < limits.left - 1;
      }
      return left < -1 || right > edge + 1;
    };
    const cut: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node instanceof Text; node = walker.nextNode()) {
      const from = node.parentElement;
      // A name is cut at its begin, where it is like all others; what a workspace is doing stands in its details.
      if (!from || from.closest("[hidden], .hidden-text, pre, option, .lines :is(.name, .doing)")) continue;
      if (isCut(node, from)) cut.push(`${from.className || from.tagName}: ${node.data}`);
    }
    for (const input of document.querySelectorAll("input")) {
      const pen = document.createElement("canvas").getContext("2d");
      if (pen) pen.font = getComputedStyle(input).font;
      if ((pen?.measureText(input.placeholder).width ?? 0) > input.clientWidth) cut.push(input.placeholder);
    }
    return cut;
  });
}
