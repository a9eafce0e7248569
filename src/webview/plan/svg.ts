/** Shapes are drawn in these units, and stretched to the room that there is. */
export const SCALE = { width: 1000, height: 100 };
const NAMESPACE = "http://www.w3.org/2000/svg";

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A picture that fills its parent. Words elsewhere say what it shows. */
export function picture(...children: Node[]): SVGSVGElement {
  const viewBox = `0 0 ${SCALE.width} ${SCALE.height}`;
  return svg("svg", { viewBox, preserveAspectRatio: "none", "aria-hidden": "true" }, ...children);
}

/** One place of a shape: `at` from 0 to 1 from the left, `height` from 0 to 1 from the bottom. */
export interface Corner {
  at: number;
  height: number;
}

export function pathOf(corners: readonly Corner[], isClosed = false): string {
  const texts = corners.map(({ at, height }) => {
    const [x, y] = [at * SCALE.width, (1 - height) * SCALE.height];
    return `${Number(x.toFixed(2))} ${Number(y.toFixed(2))}`;
  });
  return texts.length === 0 ? "" : `M${texts.join("L")}${isClosed ? "Z" : ""}`;
}
