import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal, readJournal } from "../../src/runs/journal.ts";
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

  it("a torn last line, as a power loss leaves it, is left out", async () => {
    const journal = await Journal.open(folder);
    await journal.write(user("asking", "a"));
    await journal.close();
    await appendFile(path.join(folder, JOURNAL_FILE), '{"v":1,"t":1,"kind":"user","op":"ask');
    expect((await readJournal(folder)).remaining().map((one) => one.name)).toEqual(["a"]);
  });
});
