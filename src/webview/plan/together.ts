import { plural, t } from "../../l10n/text.ts";
import { h, setAttribute, setHidden, setText } from "../dom.ts";
import type { ColouredLane } from "./lanes.ts";
import { loadAt, type Stack, stackOf } from "./stack.ts";
import { pathOf, picture, svg } from "./svg.ts";

/** The connections of all steps on each other: what the deployment has to carry at a time. */
export function createTogether() {
  const name = h("span", { class: "name" }, t("Connections"));
  const chart = picture();
  const track = h("div", { class: "track", role: "img" }, chart);
  const says = h("span", { class: "load" });
  const node = h("div", { class: "together" }, name, track, says);
  let lanes: readonly ColouredLane[] = [];

  function update(all: readonly ColouredLane[]): void {
    lanes = all.filter(({ load }) => load?.unit === "connections");
    const stack = stackOf(lanes);
    setHidden(node, stack.most === 0);
    setText(says, mostText(stack));
    setAttribute(track, "aria-label", t("Connections of all steps together over time: {0}", mostText(stack)));
    draw(stack);
  }

  function draw({ at, layers, most }: Stack): void {
    const shapes = layers.map(({ lower, upper }, index) => {
      const corner = (edge: readonly number[]) => (place: number, which: number) => ({
        at: place,
        height: (edge[which] ?? 0) / (most || 1),
      });
      const over = at.map(corner(upper));
      const { from = 0, until = 1 } = lanes[index] ?? {};
      const own = over.filter((one) => one.at >= from && one.at <= until);
      const under = at.map(corner(lower)).toReversed();
      const colour = lanes[index]?.colour ?? "blue";
      return svg(
        "g",
        { "data-colour": colour },
        svg("path", { class: "area", d: pathOf([...over, ...under], true) }),
        svg("path", { class: "edge", d: pathOf(own), "vector-effect": "non-scaling-stroke" }),
      );
    });
    chart.replaceChildren(...shapes);
  }

  /** Says what there is at one place; undefined: the most of all. */
  function point(share: number | undefined): void {
    if (share === undefined) setText(says, mostText(stackOf(lanes)));
    else setText(says, countText(lanes.reduce((sum, lane) => sum + loadAt(lane, share), 0)));
  }
  return { node, update, point };
}

function mostText({ most }: Stack): string {
  return plural(most, { one: "at most {0} connection", other: "at most {0} connections" });
}

function countText(count: number): string {
  return plural(Math.round(count), { one: "{0} connection", other: "{0} connections" });
}
