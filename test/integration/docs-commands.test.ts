import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Command } from "commander";
import { describe, expect, it, vi } from "vitest";
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

// More at a time make each other late.
vi.setConfig({ maxConcurrency: 3 });

const STANDS_FOR: readonly [RegExp, (sandbox: Sandbox) => string][] = [
  [/https:\/\/coder\.example\.com/g, ({ url }) => url],
  [/http:\/\/10\.0\.0\.\d+:2112\b/g, ({ prometheusUrl }) => prometheusUrl],
  // "And the flags that you have", of which a search needs some.
  [/(?<=limit workspace-traffic) …/g, () => " --vary connections --threshold round_trip.p95<30s"],
  [/ …/g, () => ""],
  [/make test/g, () => "echo tested"],
];

/** Flags put behind those of the page, of the commands that have them. */
const SMALL: Readonly<Record<string, string>> = {
  ramp: "200ms",
  "warm-up": "200ms",
  duration: "1s",
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
    hold: 1s
    thresholds: [round_trip.p95 < 30s]
`;
const FILES: Readonly<Record<string, string>> = {
  "nightly.scaletest.yaml": `steps:\n${TRAFFIC}`,
  "peak.scaletest.yaml": `search: { vary: connections, from: 1, to: 2, budget: 3s }\nsteps:\n${TRAFFIC}`,
};

const CREATE = "coder-scaletest create-workspaces --template kubernetes --no-ssh";
/** What has been run before, by the command that needs it. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  // The newest, and the newest that has passed, are not the same.
  "runs compare": [CREATE, `${CREATE} --threshold ready.max<1ms`],
  "runs dismiss": [CREATE],
};

/** Of none that a page has, a relative has to be tried as well: names of runs that are over. */
const MORE = ["coder-scaletest runs dismiss last"];

/** Ends by itself only when it is told to. */
const ENDLESS: Readonly<Record<string, RegExp>> = { sandbox: /Ctrl-C ends it/ };

/**
 * 0, or 4: on a busy machine, too few of so few seconds count. A search that ends after seconds may not have found
 * anything, which is 1.
 */
const ENDS: Readonly<Record<string, readonly number[]>> = {
  limit: [0, 1, 4],
  "limit workspace-traffic": [0, 1, 4],
  run: [0, 1, 4],
};
const WELL = [0, 4];

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
async function tryOut(line: string): Promise<Ended & { ends: readonly number[] }> {
  const deployed = await deploy({
    workspaces: 3,
    buildTimeMs: [20, 40],
    deleteTimeMs: [20, 40],
    daemons: 10,
  });
  const folder = mkdtempSync(path.join(tmpdir(), "scaletest-docs-"));
  try {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
    const { sandbox, home } = deployed;
    const call = callOf(line, sandbox);
    for (const earlier of BEFORE[call.name] ?? [])
      await runIn(folder, home, callOf(earlier, sandbox), sandbox);
    return { ...(await runIn(folder, home, call, sandbox)), ends: ENDS[call.name] ?? WELL };
  } finally {
    await dismantle(deployed);
    removeFolder(folder);
  }
}

describe("the commands of the documentation", () => {
  it("are many", () => {
    expect(shown.length).toBeGreaterThan(25);
  });

  it.concurrent.each([...shown, ...MORE])("%s", async (line) => {
    const { ends, code, stdout, stderr } = await tryOut(line);
    expect(ends, `${code}: ${stderr}`).toContain(code);
    // A run comes to a result, whatever that is.
    if (code !== 0) expect(stdout).toMatch(/^Run \w+: /);
  });
});
