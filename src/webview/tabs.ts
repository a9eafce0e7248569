import { formatCount } from "../l10n/figures.ts";
import { t } from "../l10n/text.ts";
import { h, setAttribute, setHidden, setText } from "./dom.ts";

/** One of the parts of which one at a time is shown. */
export interface Tab {
  id: string;
  label: string;
  node: HTMLElement;
}

/** How a tab stands now: absent where it has nothing. */
export interface TabState {
  present: boolean;
  /** Said beside the label; undefined: nothing to be counted. */
  count?: number | undefined;
  /** The largest that the count can become: there is room for it from the first. */
  most?: number | undefined;
  label?: string;
  /** It is shown before others where nobody has chosen one. */
  leads?: boolean;
}

interface Drawn extends Tab {
  button: HTMLButtonElement;
  panel: HTMLElement;
  text: HTMLElement;
  number: HTMLElement;
  present: boolean;
  leads: boolean;
}

/**
 * Parts below each other would be a page of three screens: one of them is shown, and its tab says so. `chosen`: somebody
 * has chosen one, which is kept; `shown`: another one is to be seen, and has to be drawn.
 */
export class Tabs {
  readonly node: HTMLElement;
  readonly #tabs: readonly Drawn[];
  readonly #chosen: (id: string) => void;
  readonly #shown: () => void;
  /** What somebody has chosen; where that has nothing yet, another one is shown. */
  #wanted: string | undefined;
  #current: Drawn | undefined;

  constructor(
    tabs: readonly Tab[],
    wanted: string | undefined,
    { chosen, shown }: { chosen(id: string): void; shown(): void },
  ) {
    this.#wanted = wanted;
    this.#chosen = chosen;
    this.#shown = shown;
    this.#tabs = tabs.map((tab) => this.#drawnOf(tab));
    const list = h("div", { class: "tab-list", role: "tablist", "aria-label": t("Details of the run") });
    list.append(...this.#tabs.map(({ button }) => button));
    list.addEventListener("keydown", (event) => this.#pressed(event));
    const panels = h("div", { class: "tab-panels" }, ...this.#tabs.map(({ panel }) => panel));
    // Whoever reads in a tab has chosen it: nothing takes it away any more.
    for (const type of ["pointerdown", "keydown", "wheel"])
      panels.addEventListener(type, () => this.#hold(), { passive: true });
    this.node = h("div", { class: "tabs" }, list, panels);
  }

  /** The tab that is shown. */
  get current(): string | undefined {
    return this.#current?.id;
  }

  update(states: Readonly<Record<string, TabState>>): void {
    for (const tab of this.#tabs) {
      const { present = false, count, most = count, label = tab.label, leads = false } = states[tab.id] ?? {};
      tab.present = present;
      tab.leads = leads;
      setHidden(tab.button, !present);
      setText(tab.text, label);
      setText(tab.number, count === undefined ? "" : formatCount(count));
      setHidden(tab.number, count === undefined);
      if (most !== undefined) tab.number.style.minWidth = `${formatCount(most).length}ch`;
    }
    this.#draw();
  }

  /** Shows one from now on, as if somebody had chosen it. */
  show(id: string): void {
    this.#wanted = id;
    this.#chosen(id);
    this.#draw();
  }

  #hold(): void {
    if (this.#current && this.#wanted !== this.#current.id) this.show(this.#current.id);
  }

  #draw(): void {
    const present = this.#tabs.filter((tab) => tab.present);
    const current =
      present.find(({ id }) => id === this.#wanted) ?? present.find(({ leads }) => leads) ?? present[0];
    setHidden(this.node, current === undefined);
    for (const tab of this.#tabs) {
      const isCurrent = tab === current;
      setAttribute(tab.button, "aria-selected", String(isCurrent));
      setAttribute(tab.button, "tabindex", isCurrent ? "0" : "-1");
      setHidden(tab.panel, !isCurrent);
    }
    if (current === this.#current) return;
    this.#current = current;
    this.#shown();
  }

  #drawnOf({ id, label, node }: Tab): Drawn {
    const text = h("span");
    const number = h("span", { class: "count" });
    const button = h(
      "button",
      { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `tab-panel-${id}` },
      text,
      number,
    );
    const panel = h(
      "div",
      { class: "tab-panel", role: "tabpanel", id: `tab-panel-${id}`, "aria-labelledby": `tab-${id}` },
      node,
    );
    // The tab says it.
    node.querySelector(":scope > .section-heading > h2")?.classList.add("hidden-text");
    button.addEventListener("click", () => this.show(id));
    return { id, label, node, text, number, button, panel, present: false, leads: false };
  }

  #pressed(event: KeyboardEvent): void {
    const present = this.#tabs.filter((tab) => tab.present);
    const at = this.#current ? present.indexOf(this.#current) : -1;
    const to = movedTo(event.key, at, present.length);
    const next = to === undefined ? undefined : present[to];
    if (!next) return;
    event.preventDefault();
    this.show(next.id);
    next.button.focus();
  }
}

function movedTo(key: string, at: number, count: number): number | undefined {
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "ArrowLeft") return (at + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}
