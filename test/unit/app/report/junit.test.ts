import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, type TestSuite, type TestSuites } from "junit2json";
import { describe, expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import { junitOfChecks, junitOfRun } from "../../../../src/app/report/junit.ts";
import { bareResult } from "../../../../src/protocol/bare-result.ts";
import { foreign } from "../../../../src/text/message.ts";
import { failedResult, NASTY, stepsResult } from "./results.ts";

const schema = readFileSync(
  fileURLToPath(new URL("../../../data/jenkins-junit.xsd", import.meta.url)),
  "utf8",
);

/** What the schema that Jenkins reads reports by finds wrong with it. */
async function mistakesIn(...documents: readonly string[]): Promise<string[]> {
  const xml = documents.map((contents, at) => ({ fileName: `${at}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema });
  return errors.map(({ message }) => message);
}

async function suitesOf(xml: string): Promise<TestSuite[]> {
  return ((await parse(xml)) as TestSuites).testsuite ?? [];
}

const casesOf = ({ testcase = [] }: TestSuite) =>
  testcase.map(({ name, failure, error, skipped }) => [
    name,
    failure ? "failure" : error ? "error" : skipped ? "skipped" : "passed",
  ]);

describe("a JUnit file", () => {
  it("has a test for the verdict, for each threshold, and for what is left", async () => {
    const xml = junitOfRun(failedResult("it failed"), { startedAt: 0, text: "for people" });
    expect(await mistakesIn(xml)).toEqual([]);
    const [suite, ...more] = await suitesOf(xml);
    expect(more).toEqual([]);
    expect(suite && casesOf(suite)).toEqual([
      ["verdict", "failure"],
      ["it failed", "failure"],
      ["ready.p95<1m", "passed"],
      ["round_trip.p95<1m", "failure"],
      ["nothing left behind", "failure"],
    ]);
    expect(suite).toMatchObject({
      tests: 5,
      failures: 4,
      errors: 0,
      time: 61.5,
      timestamp: "1970-01-01T00:00:00",
      "system-out": ["for people"],
    });
    expect(suite?.testcase?.[3]?.failure?.[0]?.message).toBe("trip: not measured, required < 1m");
    expect(suite?.testcase?.[4]?.failure?.[0]?.message).toMatch(/^1 user and 1 workspace left behind; go on/);
  });

  it("has a suite for each step, with its time, its thresholds and their worst window", async () => {
    const xml = junitOfRun(stepsResult(), { startedAt: 0 });
    expect(await mistakesIn(xml)).toEqual([]);
    const suites = await suitesOf(xml);
    expect(suites.map((suite) => [suite.name, suite.time, casesOf(suite)])).toEqual([
      [
        "scale test k3x9q2ab",
        61.5,
        [
          ["verdict", "failure"],
          ["failures.rate<1%", "passed"],
          ["nothing left behind", "failure"],
        ],
      ],
      ["scale test k3x9q2ab: create", 2.5, [["verdict", "passed"]]],
      [
        "scale test k3x9q2ab: terminals",
        2.5,
        [
          ["verdict", "failure"],
          ["round_trip{step=terminals}.p95<200ms over 30s", "failure"],
        ],
      ],
      ["scale test k3x9q2ab: drill", 0, [["verdict", "skipped"]]],
    ]);
    expect(suites[2]?.testcase?.[1]?.failure?.[0]?.message).toMatch(/312ms in the worst of 51 windows/);
  });

  it("of a run that was refused is an error, and not a failure of the deployment", async () => {
    const refusal = foreign('no template "x" & <y>');
    const nothing = { succeeded: 0, failed: 0, orphans: 0, kept: 0, exitCode: 3 };
    const xml = junitOfRun(bareResult("", { ...nothing, verdict: "refused", summary: refusal, refusal }));
    expect(await mistakesIn(xml)).toEqual([]);
    const [suite] = await suitesOf(xml);
    expect(suite?.testcase?.[0]?.error?.[0]).toMatchObject({
      type: "refused",
      message: 'no template "x" & <y>',
    });
  });

  it("does not pass what nobody could ask, and skips what was kept on purpose", async () => {
    const outcome = failedResult("x").outcome;
    const leftOf = async (change: object) => {
      const xml = junitOfRun({ ...failedResult("x"), outcome: { ...outcome, ...change } });
      expect(await mistakesIn(xml)).toEqual([]);
      return (await suitesOf(xml)).flatMap(casesOf).at(-1);
    };
    expect(await leftOf({ orphans: null })).toEqual(["nothing left behind", "error"]);
    expect(await leftOf({ orphans: 0, kept: 2 })).toEqual(["nothing left behind", "skipped"]);
    expect(await leftOf({ orphans: 0 })).toEqual(["nothing left behind", "passed"]);
  });

  it("is valid and has the same tests whatever the texts are", async () => {
    const files = NASTY.map((text) => junitOfRun(failedResult(text), { text }));
    expect(await mistakesIn(...files)).toEqual([]);
    for (const xml of files) {
      const suites = await suitesOf(xml);
      expect(suites.flatMap(casesOf)).toHaveLength(5);
    }
    const [suite] = await suitesOf(junitOfRun(failedResult("a\nb ]]> \u0000<c>")));
    expect(suite?.testcase?.[1]?.name).toBe("a\nb ]]> <c>");
  });

  it("has a test for each check of a preflight", async () => {
    const check = { id: "template", label: "Template", figure: "none", mend: "make <one>" };
    const xml = junitOfChecks([
      { ...check, status: "blocks" },
      { ...check, label: "Rights", status: "warning" },
    ]);
    expect(await mistakesIn(xml)).toEqual([]);
    expect((await suitesOf(xml)).flatMap(casesOf)).toEqual([
      ["Template", "failure"],
      ["Rights", "passed"],
    ]);
  });

  it("is held to the schema", async () => {
    const xml = junitOfRun(failedResult("x"));
    expect(await mistakesIn(xml.replace(' name="verdict"', ""))).not.toEqual([]);
  });
});
