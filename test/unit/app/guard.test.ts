import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { guardFor, LimitError, limitsOf } from "../../../src/app/guard.ts";
import { stricter } from "../../../src/protocol/guard.ts";
import { writeTag } from "../../../src/runs/deployment-tags.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "guard-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it("reads the ceilings of the environment, and names what is none", () => {
  const env = { CODER_SCALETEST_LIMIT_COUNT: "10", CODER_SCALETEST_LIMIT_RATE: "5000" };
  expect(limitsOf(env)).toEqual({ workspaces: 10, bytesPerSecond: 5_000 });
  expect(limitsOf({})).toEqual({});
  for (const text of ["0", "-1", "1.5", "many"]) {
    expect(() => limitsOf({ CODER_SCALETEST_LIMIT_CONNECTIONS: text })).toThrow(LimitError);
    expect(() => limitsOf({ CODER_SCALETEST_LIMIT_CONNECTIONS: text })).toThrow(/LIMIT_CONNECTIONS must be/);
  }
});

it("takes the lower ceiling of settings and environment, whichever sets it", () => {
  expect(stricter({ workspaces: 10, connections: 5 }, { workspaces: 3, bytesPerSecond: 7 })).toEqual({
    workspaces: 3,
    connections: 5,
    bytesPerSecond: 7,
  });
  expect(stricter({}, {})).toEqual({});
});

it("goes by the tag of the origin; what nobody has marked is production", async () => {
  const url = "https://coder.example.com/below";
  const guard = () => guardFor({ home, url, acknowledgedHost: undefined, limits: { workspaces: 1 } });
  expect(await guard()).toEqual({ tag: "production", limits: { workspaces: 1 } });
  await writeTag(home, "https://coder.example.com", "staging");
  expect(await guard()).toEqual({ tag: "staging", limits: { workspaces: 1 } });
  const named = await guardFor({ home, url, acknowledgedHost: "coder.example.com", limits: {} });
  expect(named.acknowledgedHost).toBe("coder.example.com");
});
