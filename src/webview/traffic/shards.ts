import { formatCount, formatDuration } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import type { Traffic } from "../../protocol/traffic.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "../dom.ts";
import { formatBytes, formatShare } from "../model/format.ts";
import { deadShards } from "../model/traffic.ts";
import { createSection } from "../section.ts";

type Line = Traffic["shards"][number] & { late: boolean };

/** The threads that make the traffic: what each carries, and whether it keeps up. */
export function createShards() {
  const body = h("tbody");
  const list = new KeyedList<Line>(body, ({ shard }) => String(shard), createLine);
  const columns = [t("Connections"), t("Late p99"), t("Busy"), t("Backlog")].map((name) =>
    h("th", { scope: "col", class: "number" }, name),
  );
  const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("Shard")), ...columns));
  const table = h("table", { class: "plain shards" }, head, body);
  const section = createSection(t("Shards"), t("threads of the generator"), table);

  function update(traffic: Traffic): void {
    setHidden(section.node, traffic.shards.length === 0);
    const limit = traffic.lateLimitMs ?? Number.POSITIVE_INFINITY;
    list.update(
      traffic.shards.map((shard) => ({ ...shard, late: shard.alive && shard.latenessP99Ms > limit })),
    );
    const dead = deadShards(traffic);
    setText(
      section.note,
      traffic.part === "over" ? t("over the measured part") : t("threads of the generator"),
    );
    setText(section.aside, dead || limitText(traffic));
    setAttribute(section.aside, "data-tone", dead ? "bad" : undefined);
  }

  return { node: section.node, update };
}

/** The engine's rule: src/workloads/workspace-traffic/honesty.ts. */
function limitText({ lateLimitMs }: Traffic): string {
  return lateLimitMs === undefined ? "" : t("invalid if later than {0} for 5 s", formatDuration(lateLimitMs));
}

function createLine(): Drawn<Line> {
  const name = h("th", { scope: "row" });
  const cells = ["connections", "late", "busy", "backlog"].map(() => h("td", { class: "number" }));
  return {
    node: h("tr", {}, name, ...cells),
    update(shard) {
      setText(name, shard.alive ? String(shard.shard) : t("{0} died", shard.shard));
      setAttribute(name, "data-tone", shard.alive ? undefined : "bad");
      const values = [
        formatCount(shard.connections),
        formatDuration(shard.latenessP99Ms),
        formatShare(shard.busy),
        formatBytes(shard.backlogBytes),
      ];
      for (const [index, cell] of cells.entries()) setText(cell, shard.alive ? (values[index] ?? "") : "–");
      const [, late] = cells;
      if (late) setAttribute(late, "data-tone", shard.late ? "warning" : undefined);
    },
  };
}
