import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { BUNDLE } from "../../scripts/l10n.ts";
import type { PageTexts } from "../../src/protocol/page-texts.ts";

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

/** What a run is told and does not say of itself: names, addresses, and what a server said. */
const DATA = [
  /create-workspaces \d+ × kubernetes/g,
  "web terminal traffic, 10 messages/s × 4 KB a connection",
  "coder.example.com",
  "v2.26.1",
  "loadgen-1",
  /scaletest-k3x9q2ab-\d+/g,
  'pods "main" is forbidden: exceeded quota',
  /terraform apply: exit status 1/g,
  "too much load on relay 3",
  "build_failed",
  "req-7f3a",
  // A threshold as it was typed, which is its tooltip.
  /[a-z_]+\.(p\d\d|rate|max|count|dropped)[<>]=?[\d.]+(ms|s|m|%)?/g,
];
/** Figures with their units, percentiles, clocks, and the signs between them. */
const FIGURES =
  /^[KMG]?B\/s$|\d[\d,.:]*\s?(ms|s|m|h|%|B|KB|MB|GB|[kMG])?(\/s)?(?![a-z])|\d+m\d+s|\bp(50|95|99)\b|[·…–—✓✕✗■▸▾▴×→−+<>=,.:;()|/%\s]/g;

/** Those texts that are neither from the bundle nor data, each after what of it is not. */
export function untold(texts: readonly string[], data: readonly (string | RegExp)[] = []): string[] {
  return texts.flatMap((text) => {
    let rest = outside(text);
    for (const one of [...data, ...DATA]) rest = rest.replaceAll(one, "");
    rest = rest.replace(FIGURES, "");
    return rest === "" ? [] : [`${rest}  ←  ${text}`];
  });
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
      if (input.closest("[hidden]")) continue;
      const pen = document.createElement("canvas").getContext("2d");
      if (pen) pen.font = getComputedStyle(input).font;
      if ((pen?.measureText(input.placeholder).width ?? 0) > input.clientWidth) cut.push(input.placeholder);
    }
    return cut;
  });
}
