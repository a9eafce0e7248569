import type { Command } from "commander";
import { expect, it } from "vitest";
import { isDoneHere } from "../../src/cli/front/here.ts";
import { programFor } from "../../src/cli/program.ts";

/** Each command by its words, with those of groups. */
function all(command: Command, words: readonly string[] = []): { words: readonly string[]; of: Command }[] {
  return command.commands.flatMap((of) => {
    const own = [...words, of.name()];
    return [{ words: own, of }, ...all(of, own)];
  });
}

const commands = all(programFor(() => undefined));
const takes = (of: Command, flag: string) => of.options.some(({ long }) => long === flag);

it("whatever starts a run, or follows one, has a worker do the rest, with flags before it, too", () => {
  const starts = commands.filter(({ of }) => takes(of, "--detach"));
  expect(starts.map(({ words }) => words.join(" "))).toEqual(
    expect.arrayContaining(["run", "limit", "create-workspaces", "cleanup", "prepare users"]),
  );
  const follow = [
    ["runs", "watch"],
    ["runs", "resume"],
    ["runs", "clean"],
    ["runs", "--runs-dir", "r", "watch"],
  ];
  for (const words of [...starts.map((one) => one.words), ...follow]) {
    expect([words, isDoneHere([...words, "x"])]).toEqual([words, false]);
    expect(isDoneHere(["--url", "https://coder.example.com", ...words])).toBe(false);
  }
});

it("all else is done by the process that was called", () => {
  const others = commands.filter(
    ({ words: [first = ""], of }) => !takes(of, "--detach") && !["limit", "prepare", "runs"].includes(first),
  );
  for (const { words } of others) expect([words, isDoneHere(words)]).toEqual([words, true]);
  for (const words of [[], ["--help"], ["help", "run"], ["complete", "--", "run"], ["runs", "show", "last"]])
    expect([words, isDoneHere(words)]).toEqual([words, true]);
});
