import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { programFor } from "../../src/cli/program.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { splitCommand } from "../../src/system/programs.ts";
import { commands, pages } from "../support/docs-commands.ts";
import { deploy, dismantle, envOf } from "./deployed.ts";
import { CommandLine, type Ended, removeFolder } from "./product.ts";

/**
 * Every command that README.md and docs/ show is run as it stands there, in a folder of its own, on a sandbox of its own.
 * Three rules make that possible in seconds. Names of things that only the reader has stand for things of the sandbox
 * (STANDS_FOR). What takes long is made small by flags put behind those of the page, of which the last wins (SMALL). Files
 * and runs that a page takes for granted are made before (FILES, BEFORE).
 */

const STANDS_FOR: readonly [RegExp, (sandbox: Sandbox) => string][] = [
  [/https:\/\/coder\.example\.com/g, ({ url }) => url],
  [/http:\/\/10\.0\.0\.\d+:2112\b/g, ({ prometheusUrl }) => prometheusUrl],
  // "and the flags that you have".
  [/ …/g, () => ""],
];

/** Flags put behind those of the page, of the commands that have them. */
const SMALL: Readonly<Record<string, string>> = {
  ramp: "200ms",
  "warm-up": "200ms",
  duration: "2s",
  from: "1",
  to: "2",
  budget: "3s",
  pace: "quick",
  "server-metrics-around": "0s",
};
/** The same, where the page itself says more. */
const SMALLER: Readonly<Record<string, string>> = { count: "2" };
const ALLOWED: Readonly<Record<string, readonly string[]>> = { cleanup: ["--yes"] };

const TRAFFIC = `  - traffic: { rate: 1KB/s }
    name: terminals
    ramp: 200ms
    hold: 2s
    thresholds: [round_trip.p95 < 30s]
`;
const FILES: Readonly<Record<string, string>> = {
  "nightly.scaletest.yaml": `steps:\n${TRAFFIC}`,
  "peak.scaletest.yaml": `search: { vary: connections, from: 1, to: 2, budget: 3s }\nsteps:\n${TRAFFIC}`,
};

const CREATE = "coder-scaletest create-workspaces --template kubernetes --no-ssh";
/** What has been run before, by the command that needs it. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  "runs compare": [CREATE, CREATE],
  "runs dismiss": [CREATE],
};

/** Of none that a page has, a relative has to be tried as well: names of runs that are over. */
const MORE = ["coder-scaletest runs dismiss last"];

/** Commands that need something that is not there, each with what. One that works without is not needed here. */
const NEEDS: Readonly<Record<string, string>> = {};

/** Ends by itself only when it is told to. */
const ENDLESS: Readonly<Record<string, RegExp>> = { sandbox: /Ctrl-C ends it/ };

const shown = [...new Set(pages.flatMap((page) => commands(page)))];

interface Call {
  words: string[];
  name: string;
}

function callOf(line: string, sandbox: Sandbox): Call {
  const text = STANDS_FOR.reduce((all, [name, by]) => all.replace(name, by(sandbox)), line);
  const words = splitCommand(text).slice(1);
  let command: Command = programFor(() => undefined);
  const names: string[] = [];
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
    names.push(word);
  }
  const has = (flag: string) => command.options.some(({ long }) => long === `--${flag}`);
  const small = Object.entries(SMALL).filter(([flag]) => has(flag));
  const smaller = Object.entries(SMALLER).filter(([flag]) => words.includes(`--${flag}`));
  const isShort = !has("duration") && words.includes("--duration");
  if (isShort) throw new Error(`${line}: no --duration`);
  const name = names.join(" ");
  const behind = [...small, ...smaller].flatMap(([flag, value]) => [`--${flag}`, value]);
  return { name, words: [...words, ...behind, ...(ALLOWED[name] ?? [])] };
}

async function runIn(folder: string, home: string, { words, name }: Call, sandbox: Sandbox): Promise<Ended> {
  const line = new CommandLine(words, envOf(sandbox), home, undefined, folder);
  const ready = ENDLESS[name];
  if (ready) {
    await line.until(ready);
    line.child.kill("SIGINT");
  }
  return line.ended;
}

/** In a new folder, on a new sandbox with a few workspaces. */
async function tryOut(line: string): Promise<Ended> {
  const deployed = await deploy({
    workspaces: 3,
    buildTimeMs: [20, 40],
    deleteTimeMs: [20, 40],
    daemons: 10,
  });
  const folder = mkdtempSync(path.join(tmpdir(), "scaletest-docs-"));
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
    const { sandbox, home } = deployed;
    const call = callOf(line, sandbox);
    for (const earlier of BEFORE[call.name] ?? [])
      await runIn(folder, home, callOf(earlier, sandbox), sandbox);
    return await runIn(folder, home, call, sandbox);
  } finally {
    await dismantle(deployed);
    removeFolder(folder);
  }
}

describe("the commands of the documentation", () => {
  it("are many", () => {
    expect(shown.length).toBeGreaterThan(25);
    expect(Object.keys(NEEDS).filter((line) => !shown.includes(line))).toEqual([]);
  });

  it.concurrent.each([...shown, ...MORE])("%s", async (line) => {
    const { code, stderr } = await tryOut(line);
    const reason = NEEDS[line];
    if (reason === undefined) expect(`${code}: ${stderr}`).toMatch(/^0: /);
    else expect(code, `it works without ${reason}`).not.toBe(0);
  });
});
