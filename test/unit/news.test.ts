import { expect, it } from "vitest";
import { NewsWriter, withNews } from "../../src/protocol/news.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { stepsSnapshot } from "../webview/steps-fixtures.ts";

const described = (snapshot: Snapshot, at: number): Snapshot => ({
  ...snapshot,
  steps: snapshot.steps.map((step, index) =>
    index === at ? { ...step, description: { ...step.description } } : step,
  ),
});

it("news say a step's description once, and again when it is another", () => {
  const snapshot = stepsSnapshot();
  const writer = new NewsWriter();
  const saidOf = (one: Snapshot) => writer.of(one).steps.map(({ description }) => description !== undefined);
  const all = snapshot.steps.map(() => true);
  expect(saidOf(snapshot)).toEqual(all);
  expect(saidOf({ ...snapshot, elapsedMs: 5 })).toEqual(all.map(() => false));
  const other = described(snapshot, 1);
  expect(saidOf(other)).toEqual(all.map((_, at) => at === 1));
});

it("news and what was known before are the whole snapshot; alone they say too little", () => {
  const first = stepsSnapshot();
  const writer = new NewsWriter();
  writer.of(first);
  const second = described({ ...first, elapsedMs: 7_000 }, 0);
  const news = JSON.parse(JSON.stringify(writer.of(second)));
  expect(withNews(first, news)).toEqual(JSON.parse(JSON.stringify(second)));
  expect(withNews(undefined, news)).toBeUndefined();
  expect(withNews(undefined, new NewsWriter().of(first))).toEqual(first);
});
