import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Deployed, deploy, dismantle, leftOn } from "./deployed.ts";
import { type Front, startFront } from "./front.ts";
import { CommandLine, type Ended, removeFolder } from "./product.ts";

/** A gate in front of the deployment wants a header that ends after a while; the header command prints the next one. */

/** So many requests are let through by one pass: more than are made at the same time. */
let goodFor: number;
let deployed: Deployed;
let front: Front;
let files: string;
let refused: number;
let passes: string[];

beforeEach(async () => {
  deployed = await deploy({ buildTimeMs: [50, 100], deleteTimeMs: [50, 100], daemons: 20 });
  files = mkdtempSync(path.join(tmpdir(), "scaletest-gate-"));
  goodFor = 12;
  refused = 0;
  passes = [];
  nextPass();
  let used = 0;
  const refuse = ({ headers }: IncomingMessage) => {
    if (headers["x-gate"] !== passes.at(-1)) {
      refused++;
      return 403;
    }
    if (++used % goodFor === 0) nextPass();
    return undefined;
  };
  front = await startFront(deployed.sandbox.url, { refuse });
});
afterEach(async () => {
  await dismantle(deployed);
  await front.close();
  removeFolder(files);
});

function nextPass(): void {
  passes.push(`pass-${passes.length}-of-the-gate`);
  writeFileSync(path.join(files, "pass"), `X-Gate=${passes.at(-1)}\n`);
}

const print = () => `"${process.execPath}" -p "fs.readFileSync('${files}/pass','utf8').trim()"`;

const cliWith = (env: Record<string, string>, ...args: string[]): Promise<Ended> =>
  new CommandLine(
    args,
    {
      CODER_URL: front.url,
      CODER_SESSION_TOKEN: deployed.sandbox.token,
      CODER_HEADER_COMMAND: print(),
      ...env,
    },
    deployed.home,
  ).ended;
const cli = (...args: string[]) => cliWith({}, ...args);

const CREATE = ["create-workspaces", "--template", "kubernetes", "--count", "4", "--concurrency", "2"];

it("workspaces are created, used by SSH and terminal, and deleted, while it changes again and again", async () => {
  const { code, stderr } = await cli(...CREATE, "--run-command", "echo hello");
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(passes.length).toBeGreaterThan(3);
  expect(refused).toBeGreaterThan(0);
  expect(await leftOn(deployed.client)).toEqual({ workspaces: 0, users: 0 });
  // What it prints is a secret: it is in no file of the run.
  const written = readdirSync(deployed.home, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(deployed.home, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  expect(written.length).toBeGreaterThan(4);
  for (const file of written) expect(readFileSync(file, "utf8")).not.toMatch(/pass-\d+-of-the-gate/);
});

it("a gate that nothing lets in is told as that, and is asked once more", async () => {
  const before = refused;
  const env = { CODER_HEADER_COMMAND: "echo X-Gate=wrong" };
  const { code, stderr } = await cliWith(env, ...CREATE);
  expect(code).toBe(3);
  expect(stderr).toMatch(/something in front of http:\S+ refuses it with status 403: it may want headers/);
  // What is printed again is not sent again.
  expect(refused - before).toBe(1);
});

it("traffic by terminal and by SSH goes on through it", async () => {
  expect(await cli(...CREATE, "--no-cleanup", "--no-ssh")).toMatchObject({ code: 0 });
  goodFor = 25;
  for (const way of [[], ["--ssh", "--connections-per-node", "1"]]) {
    const before = passes.length;
    const load = [
      "--connections-per-workspace",
      "3",
      "--duration",
      "1s",
      "--late-limit",
      "1m",
      "--shards",
      "1",
    ];
    const { code, stderr } = await cli("workspace-traffic", ...load, ...way);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(passes.length).toBeGreaterThan(before);
  }
});
