import { formatDateTime } from "../l10n/figures.ts";
import { t, wordsOf } from "../l10n/text.ts";
import type { AskedRow } from "../protocol/panel.ts";
import type { RunHeader } from "../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setText } from "./dom.ts";
import { createSection } from "./section.ts";

interface Fact {
  key: string;
  label: string;
  value: string;
}

/** Which run this is, of whom, and what it was asked to do. */
export function createConfig() {
  const list = h("dl", { class: "facts" });
  const facts = new KeyedList<Fact>(list, ({ key }) => key, createFact);
  const section = createSection(t("Configuration"), "", list);
  let asked: readonly AskedRow[] = [];

  function take(rows: readonly AskedRow[]): void {
    asked = rows;
  }

  function update({ id, createdAt, host, deployment }: RunHeader): void {
    const { url, version, user } = deployment;
    const own = [
      [t("Run"), id],
      [t("Started"), formatDateTime(createdAt)],
      [t("Deployment"), [url, version].filter(Boolean).join(" · ")],
      [t("Signed in as"), user],
      [t("Load from"), host],
    ] as const;
    facts.update([
      ...own.map(([label, value]) => ({ key: label, label, value })),
      ...asked.map(({ step = "", label, value }) => ({
        key: `${step}: ${wordsOf(label)}`,
        label: [step, wordsOf(label)].filter(Boolean).join(": "),
        value: wordsOf(value),
      })),
    ]);
  }

  return { node: section.node, take, update };
}

function createFact(): Drawn<Fact> {
  const label = h("dt");
  const value = h("dd");
  const node = h("div", {}, label, value);
  return {
    node,
    update(fact) {
      setText(label, fact.label);
      setText(value, fact.value);
    },
  };
}
