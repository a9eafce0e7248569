import { beforeEach, expect, it } from "vitest";
import { type Left, NOTHING_LEFT } from "../../../src/protocol/left.ts";
import {
  type DeletionParts,
  deleteRecords,
  type RecordedRun,
} from "../../../src/vscode/features/history/deletion.ts";

let left: Map<string, Left>;
let removed: string[];
let refused: string[];
let questions: string[];
let answer: boolean;

const run = (id: string, active = false): RecordedRun => ({
  id,
  title: `run ${id}`,
  folder: `/runs/${id}`,
  active,
  file: { deployment: { url: "https://coder.example.com" } },
});
const parts: DeletionParts = {
  left: async ({ id }) => left.get(id) ?? NOTHING_LEFT,
  confirm: async (question) => {
    questions.push(question);
    return answer;
  },
  refuse: (text) => void refused.push(text),
  remove: async ({ id }) => void removed.push(id),
};

beforeEach(() => {
  left = new Map();
  [removed, refused, questions] = [[], [], []];
  answer = true;
});

it("deletes the records of runs that have left nothing, after asking", async () => {
  await deleteRecords(parts, [run("a"), run("b")]);
  expect([questions, removed, refused]).toEqual([["Delete the records of 2 runs?"], ["a", "b"], []]);
  answer = false;
  await deleteRecords(parts, [run("c")]);
  expect(removed).toEqual(["a", "b"]);
});

it("keeps a record that names what is still there, and says what and how to clean up", async () => {
  left.set("a", { users: 1, workspaces: 3, tokens: 0 });
  await deleteRecords(parts, [run("a")]);
  expect([questions, removed]).toEqual([[], []]);
  expect(refused).toEqual([
    'The record of "run a" is kept: it names 1 user and 3 workspaces on coder.example.com. Clean up first, here or by: coder-scaletest runs clean a',
  ]);
});

it("keeps one that names nothing but tokens of other users", async () => {
  left.set("a", { users: 0, workspaces: 0, tokens: 2 });
  await deleteRecords(parts, [run("a")]);
  expect(removed).toEqual([]);
  expect(refused[0]).toContain("it names 2 tokens of other users");
});

it("of several it deletes those that it may, and never one that runs", async () => {
  left.set("b", { users: 1, workspaces: 0, tokens: 0 });
  left.set("c", { users: 1, workspaces: 0, tokens: 0 });
  await deleteRecords(parts, [run("a"), run("b"), run("c"), run("d", true)]);
  expect([removed, questions]).toEqual([["a"], ['Delete the record of "run a"?']]);
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatch(/"run b" .* 1 more record is kept for the same reason\.$/);
});
