/**
 * The few helpers that the panel draws with. Text that comes from a server is only ever set as text, never
 * as HTML; attributes are set one by one, so that the strict style policy of webviews holds.
 */
type Attributes = Record<string, string>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Sets the text where it differs: an unchanged update costs no layout. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: Element, name: string, value: string | undefined): void {
  if (value === undefined) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== value) {
    node.setAttribute(name, value);
  }
}

export function setHidden(node: HTMLElement, hidden: boolean): void {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/** Fills a node with a colour of the style sheet, by the name of its variable. */
export function setColour(node: HTMLElement, variable: string): void {
  const colour = `var(${variable})`;
  if (node.style.background !== colour) node.style.background = colour;
}

export interface Drawn<T> {
  node: HTMLElement;
  update(item: T): void;
}

/**
 * Keeps the children of a node in step with a list, by key, and touches only what changed. Items of the same
 * key are told apart by their order.
 */
export class KeyedList<T> {
  readonly #parent: HTMLElement;
  readonly #key: (item: T) => string;
  readonly #create: (item: T) => Drawn<T>;
  #drawn = new Map<string, Drawn<T>>();

  constructor(parent: HTMLElement, key: (item: T) => string, create: (item: T) => Drawn<T>) {
    this.#parent = parent;
    this.#key = key;
    this.#create = create;
  }

  /** `before`: children at the begin that are not the list's. */
  update(items: readonly T[], before = 0): void {
    const next = new Map<string, Drawn<T>>();
    items.forEach((item, index) => {
      let key = this.#key(item);
      while (next.has(key)) key += "'";
      const drawn = this.#drawn.get(key) ?? this.#create(item);
      drawn.update(item);
      next.set(key, drawn);
      const inPlace = this.#parent.children[before + index];
      if (inPlace !== drawn.node) this.#parent.insertBefore(drawn.node, inPlace ?? null);
    });
    for (const [key, drawn] of this.#drawn) if (!next.has(key)) drawn.node.remove();
    this.#drawn = next;
  }
}
