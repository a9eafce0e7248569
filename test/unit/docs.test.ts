import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { programFor } from "../../src/cli/program.ts";
import { commands, pages, textOf } from "../support/docs-commands.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const scripts: string[] = Object.keys(JSON.parse(textOf("package.json")).scripts);

/** What a heading is called in a link, as GitHub has it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

/** Links of a page that lead into the repository and to nothing. */
function brokenLinks(page: string): string[] {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file, anchor] = link.split("#");
      const target = file ? path.join(path.dirname(page), file) : page;
      if (!existsSync(path.join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
}

/** Files of ours that a page names: `src/a/b.ts`, `docs/x.md`; not patterns, not what a build makes. */
function missingFiles(page: string): string[] {
  const names = [...textOf(page).matchAll(/`((?:src|test|scripts|docs|examples|bench|schemas)\/[\w./-]+)`/g)];
  return names.map(([, name = ""]) => name).filter((name) => !existsSync(path.join(root, name)));
}

/** What of a call of ours our command line does not know. */
function unknownWords(call: string): string[] {
  let command: Command = programFor(() => undefined);
  const words = call.split(/\s+/).slice(1);
  while (words[0] !== undefined) {
    const next = command.commands.find((one) => one.name() === words[0]);
    if (!next) break;
    command = next;
    words.shift();
  }
  const options = [command, ...ancestorsOf(command)].flatMap((one) => one.options);
  const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*$/, ""));
  const unknown = flags.filter(
    (flag) => !options.some((option) => [option.long, option.short].includes(flag)) && flag !== "--help",
  );
  const isGroup = command.commands.length > 0 && !/^-|^$/.test(words[0] ?? "");
  const takesMore = command.registeredArguments.length > 0;
  return isGroup && !takesMore ? [...unknown, words[0] ?? ""] : unknown;
}

function ancestorsOf({ parent }: Command): Command[] {
  return parent ? [parent, ...ancestorsOf(parent)] : [];
}

describe.each(pages)("%s", (page) => {
  it("leads to what is there", () => {
    expect(brokenLinks(page)).toEqual([]);
    expect(missingFiles(page)).toEqual([]);
  });

  it("calls scripts, commands and flags that there are", () => {
    const called = [...textOf(page).matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
    expect(called.filter((name) => !scripts.includes(name))).toEqual([]);
    const unknown = commands(page).map((call) => ({ call, unknown: unknownWords(call) }));
    expect(unknown.filter((one) => one.unknown.length > 0)).toEqual([]);
  });
});

it("finds what a page has wrong", () => {
  expect(unknownWords("coder-scaletest runs list --nope")).toEqual(["--nope", "list"]);
  expect(unknownWords("coder-scaletest create-workspaces --count 2")).toEqual([]);
  expect(commands("docs/command-line.md").length).toBeGreaterThan(10);
});
