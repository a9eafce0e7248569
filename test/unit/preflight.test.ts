import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { templateSchema } from "../../src/coder/schemas.ts";
import { Admission, refuseAboveLimits, refuseProduction } from "../../src/engine/admission.ts";
import { readTags, tagOf, writeTag } from "../../src/runs/deployment-tags.ts";
import {
  checkAccess,
  checkDaemons,
  checkHealth,
  checkRateLimit,
  checkSeats,
  type Intended,
} from "../../src/workloads/preflight/deployment-checks.ts";
import { checkOpenFiles, checkOrigin } from "../../src/workloads/preflight/machine-checks.ts";
import { refuseBlocked } from "../../src/workloads/preflight/preflight.ts";
import { inEnglish } from "../../test/support/in-english.ts";

const intended: Intended = {
  workspaces: 1_000,
  concurrency: 0,
  createsUsers: true,
  ssh: true,
  timeoutMs: 30 * 60_000,
  jobTimeoutMs: 5 * 60_000,
};
const template = templateSchema.parse({
  id: "t",
  name: "t",
  organization_id: "o",
  active_version_id: "v",
  build_time_stats: { start: { P50: 15_000, P95: 20_000 } },
});
const daemons = (count: number, status = "idle") =>
  Array.from({ length: count }, (_, i) => ({ name: `d${i}`, status }));

describe("checks before a load", () => {
  it("users are created on one path, so the limit on it sets the pace", () => {
    expect(inEnglish(checkRateLimit(512, intended))).toMatchObject({
      status: "warning",
      figure: expect.stringMatching(/1000 users waits at least 57\.2s/),
    });
    expect(checkRateLimit(512, { ...intended, workspaces: 500 }).status).toBe("ok");
    expect(checkRateLimit(512, { ...intended, createsUsers: false }).status).toBe("ok");
    expect(inEnglish(checkRateLimit(undefined, intended))).toMatchObject({ status: "ok", figure: "off" });
  });

  it("more users than seats are warned of, as by Coder itself; an edition without a limit has none", () => {
    const seats = (actual: number) => ({
      has_license: true,
      features: { user_limit: { enabled: true, limit: 1_200, actual } },
    });
    expect(checkSeats(seats(100), intended).status).toBe("ok");
    expect(inEnglish(checkSeats(seats(300), intended))).toMatchObject({
      status: "warning",
      mend: expect.stringMatching(/room for 900 more/),
    });
    expect(checkSeats(seats(300), { ...intended, createsUsers: false }).status).toBe("ok");
    expect(checkSeats(undefined, intended).status).toBe("ok");
  });

  it("daemons and build time say how long the queue will be", () => {
    expect(inEnglish(checkDaemons([], template, intended))).toMatchObject({
      status: "warning",
      figure: "none online",
    });
    expect(checkDaemons(daemons(3, "offline"), template, intended).status).toBe("warning");
    expect(checkDaemons(undefined, template, intended).status).toBe("warning");
    // 1,000 builds of 15 s on 5 daemons: 50 minutes.
    expect(inEnglish(checkDaemons(daemons(5), template, intended))).toMatchObject({
      status: "warning",
      mend: expect.stringMatching(/--timeout/),
    });
    // On 30: 8.5 minutes, within the run's limit, but not within a job's where all are begun at once.
    expect(inEnglish(checkDaemons(daemons(30), template, intended))).toMatchObject({
      status: "warning",
      mend: expect.stringMatching(/--job-timeout/),
    });
    expect(checkDaemons(daemons(30), template, { ...intended, concurrency: 30 }).status).toBe("ok");
  });

  it("a browser-only deployment takes no SSH", () => {
    const config = { disable_owner_workspace_exec: false, browser_only: true };
    expect(inEnglish(checkAccess(config, intended))).toMatchObject({
      status: "blocks",
      mend: "pass --no-ssh",
    });
    expect(checkAccess(config, { ...intended, ssh: false }).status).toBe("ok");
  });

  it("a deployment that is not well is told with the part that is not", () => {
    const health = {
      severity: "error",
      healthy: false,
      database: { severity: "error" },
      derp: { severity: "ok" },
    };
    expect(inEnglish(checkHealth(health))).toMatchObject({ status: "warning", figure: "error: database" });
    expect(checkHealth({ severity: "ok", healthy: true }).status).toBe("ok");
  });

  it("too few open files: the line that raises them", () => {
    expect(inEnglish(checkOpenFiles(1_024, 1_000))).toMatchObject({
      status: "blocks",
      mend: expect.stringMatching(/ulimit -n 4096/),
    });
    expect(checkOpenFiles(65_536, 1_000).status).toBe("ok");
    expect(checkOpenFiles(undefined, 1_000).status).toBe("ok");
  });

  it("where the load comes from is shown, and places that may vanish are warned of", () => {
    const nowhere = () => false;
    expect(checkOrigin("https://c.example.com", {}, nowhere).status).toBe("ok");
    const inside = checkOrigin(
      "https://c.example.com",
      { CODER_WORKSPACE_NAME: "w", CODER_AGENT_URL: "https://c.example.com/" },
      nowhere,
    );
    expect(inEnglish(inside)).toMatchObject({
      status: "warning",
      figure: expect.stringMatching(/of the deployment under test/),
    });
    expect(
      inEnglish(checkOrigin("https://c.example.com", {}, (file) => file === "/.dockerenv").figure),
    ).toMatch(/a container/);
    expect(inEnglish(checkOrigin("https://c.example.com", { SSH_CONNECTION: "1" }, nowhere).figure)).toMatch(
      /over SSH/,
    );
  });

  it("the first that blocks is the refusal, with how to mend it", () => {
    expect(() => refuseBlocked([checkOpenFiles(1_024, 1_000)])).toThrow(/Open files: 1024 allowed.*ulimit/);
    expect(() => refuseBlocked([checkOpenFiles(undefined, 1)])).not.toThrow();
  });
});

describe("the production guard", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), "guard-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("what nobody has marked counts as production, loopback too", async () => {
    expect(await tagOf(home, "http://127.0.0.1:3000")).toBe("production");
    await writeTag(home, "https://staging.example.com/some/path", "staging");
    expect(await tagOf(home, "https://staging.example.com")).toBe("staging");
    expect(await tagOf(home, "https://example.com")).toBe("production");
    await writeTag(home, "https://staging.example.com", "production");
    expect(await readTags(home)).toEqual({ "https://staging.example.com": "production" });
  });

  it("production needs its host typed; staging and the sandbox need nothing", () => {
    const url = "https://coder.example.com";
    const guard = (acknowledgedHost?: string) => ({
      tag: "production" as const,
      limits: {},
      ...(acknowledgedHost ? { acknowledgedHost } : {}),
    });
    expect(() => refuseProduction(guard(), url, false)).toThrow(/--i-know-this-is coder\.example\.com/);
    expect(() => refuseProduction(guard("other.example.com"), url, false)).toThrow(/is another/);
    expect(() => refuseProduction(guard("coder.example.com"), url, false)).not.toThrow();
    expect(() => refuseProduction(guard(), url, true)).not.toThrow();
    expect(() => refuseProduction({ tag: "staging", limits: {} }, url, false)).not.toThrow();
  });

  it("ceilings hold whoever asks", () => {
    const guard = { tag: "staging" as const, limits: { workspaces: 100 } };
    expect(() => refuseAboveLimits(guard, { workspaces: 101 })).toThrow(
      /101 workspaces are above the limit of 100/,
    );
    expect(() => refuseAboveLimits(guard, { workspaces: 100, connections: 5_000 })).not.toThrow();
  });

  it("ceilings hold for what steps ask at the same time, and what one has made stays until the end", () => {
    const limits = { workspaces: 100, connections: 1_000, bytesPerSecond: 1e6 };
    const admission = new Admission({ tag: "staging", limits });
    admission.claim("create", { workspaces: 60 });
    admission.claim("terminals", { connections: 600, bytesPerSecond: 5e5 });
    expect(() => admission.claim("ssh", { connections: 401 })).toThrow(/1001 connections are above/);
    expect(() => admission.claim("ssh", { connections: 400, bytesPerSecond: 6e5 })).toThrow(
      /1100000 bytes a second are above/,
    );
    admission.claim("ssh", { connections: 400 });
    admission.claim("ssh", { connections: 100 });
    admission.release("terminals");
    admission.release("create");
    admission.claim("apps", { connections: 900 });
    expect(() => admission.claim("more", { workspaces: 41 })).toThrow(/101 workspaces are above/);
  });

  it("what all steps will make is held against the ceiling before anything is made", () => {
    const admission = new Admission({ tag: "staging", limits: { workspaces: 100, connections: 10 } });
    const url = "https://coder.example.com";
    expect(() => admission.foresee([{ workspaces: 60 }, { workspaces: 41 }], url, false)).toThrow(
      /101 workspaces/,
    );
    // They may come one after the other.
    expect(() => admission.foresee([{ connections: 8 }, { connections: 8 }], url, false)).not.toThrow();
    const production = new Admission({ tag: "production", limits: {} });
    expect(() => production.foresee([{}], url, false)).toThrow(/not marked as staging/);
    expect(() => production.foresee([], url, false), "a clean-up puts no load on it").not.toThrow();
  });
});
