import { appendFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leftText } from "../../src/protocol/left.ts";
import { Journal, readJournal } from "../../src/runs/journal.ts";
import { readLeft } from "../../src/runs/left.ts";
import { JOURNAL_FILE } from "../../src/runs/run-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "journal-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const user = (op: "asking" | "exists" | "gone" | "refused", name = "u", id?: string) =>
  ({ kind: "user", op, name, ...(id ? { id } : {}) }) as const;

describe("journal", () => {
  it("an entry is in the file before write resolves", async () => {
    const journal = await Journal.open(folder);
    await journal.write(user("asking"));
    expect(await readFile(path.join(folder, JOURNAL_FILE), "utf8")).toContain('"op":"asking"');
    await journal.close();
  });

  it("keeps the order of a thousand entries written at once", async () => {
    const journal = await Journal.open(folder);
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => journal.write(user("asking", `u${i}`))));
    await journal.close();
    const lines = (await readFile(path.join(folder, JOURNAL_FILE), "utf8")).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => `u${i}`),
    );
  });

  it("what was asked for and never confirmed may exist; what is gone or refused does not", async () => {
    const journal = await Journal.open(folder);
    await journal.write(user("asking", "a"));
    await journal.write(user("asking", "b"));
    await journal.write(user("exists", "b", "id-b"));
    await journal.write(user("asking", "c"));
    await journal.write(user("refused", "c"));
    await journal.write(user("asking", "d"));
    await journal.write(user("exists", "d", "id-d"));
    await journal.write(user("gone", "d"));
    await journal.close();
    const left = (await readJournal(folder)).remaining();
    expect(left.map(({ name, id, confirmed }) => ({ name, id, confirmed }))).toEqual([
      { name: "a", id: undefined, confirmed: false },
      { name: "b", id: "id-b", confirmed: true },
    ]);
  });

  it("tells what a run has left: a token goes with the run's own user, and stays with anybody else's", async () => {
    const journal = await Journal.open(folder);
    await journal.write(user("exists", "u", "id-u"));
    await journal.write({ kind: "token", op: "exists", name: "u", owner: "id-u" });
    await journal.write({ kind: "token", op: "exists", name: "u-r1", owner: "id-u" });
    await journal.write({ kind: "workspace", op: "asking", name: "w", owner: "u" });
    await journal.write({ kind: "token", op: "exists", name: "t", owner: "id-of-another" });
    await journal.close();
    const left = await readLeft(folder);
    expect(left).toEqual({ users: 1, workspaces: 1, tokens: 1 });
    expect(leftText(left)).toBe("1 user, 1 workspace and 1 token of another user");
    expect(leftText({ users: 2, workspaces: 0, tokens: 0 })).toBe("2 users");
  });

  it("a torn last line, as a power loss leaves it, is left out", async () => {
    const journal = await Journal.open(folder);
    await journal.write(user("asking", "a"));
    await journal.close();
    await appendFile(path.join(folder, JOURNAL_FILE), '{"v":1,"t":1,"kind":"user","op":"ask');
    expect((await readJournal(folder)).remaining().map((one) => one.name)).toEqual(["a"]);
  });
});

describe("what one run removes", () => {
  const runs = ["maker", "cleaner", "traffic"];
  const at = (name: string) => path.join(folder, name);
  beforeEach(async () => {
    for (const name of runs) await mkdir(at(name));
    const maker = await Journal.open(at("maker"));
    await maker.write({ kind: "user", op: "exists", name: "s-0", id: "u0" });
    await maker.write({ kind: "token", op: "exists", name: "s-0", owner: "u0", id: "k" });
    await maker.write({ kind: "workspace", op: "exists", name: "s-0", owner: "s-0", id: "w0" });
    await maker.write({ kind: "workspace", op: "asking", name: "s-1", owner: "s-1" });
    await maker.close();
    const traffic = await Journal.open(at("traffic"));
    await traffic.write({ kind: "token", op: "exists", name: "t-0", owner: "u0", id: "k2" });
    await traffic.write({ kind: "token", op: "exists", name: "t-1", owner: "u9", id: "k3" });
    await traffic.close();
  });
  const left = async (name: string) => (await readJournal(at(name))).left().map((one) => one.name);

  it("is gone from every journal that names it: by id, or by name where no id is known", async () => {
    const cleaner = await Journal.open(at("cleaner"));
    await cleaner.write({ kind: "workspace", op: "gone", name: "s-0", owner: "s-0", id: "w0" });
    await cleaner.write({ kind: "workspace", op: "gone", name: "s-1", owner: "s-1", id: "w1" });
    expect(await left("maker")).toEqual(["s-0"]);
    await cleaner.write({ kind: "user", op: "gone", name: "s-0", id: "u0" });
    await cleaner.close();
    expect(await left("maker")).toEqual([]);
  });

  it("takes a user's tokens along, also those that another run has made", async () => {
    const cleaner = await Journal.open(at("cleaner"));
    await cleaner.write({ kind: "user", op: "gone", name: "s-0", id: "u0" });
    await cleaner.close();
    expect(await left("traffic")).toEqual(["t-1"]);
  });

  it("is not another of the same name", async () => {
    const cleaner = await Journal.open(at("cleaner"));
    await cleaner.write({
      kind: "workspace",
      op: "gone",
      name: "s-0",
      owner: "s-0",
      id: "of another deployment",
    });
    await cleaner.write({ kind: "workspace", op: "gone", name: "s-1", owner: "somebody" });
    await cleaner.close();
    expect(await left("maker")).toEqual(["s-0", "s-0", "s-1"]);
  });

  it("is recorded after a line that a crash has torn", async () => {
    await appendFile(path.join(at("maker"), JOURNAL_FILE), '{"v":1,"t":1,"kind":"user","op":"ask');
    const cleaner = await Journal.open(at("cleaner"));
    await cleaner.write({ kind: "user", op: "gone", name: "s-0", id: "u0" });
    await cleaner.close();
    expect(await left("maker")).toEqual(["s-1"]);
  });
});
