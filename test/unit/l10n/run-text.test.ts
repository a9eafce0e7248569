import { globSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { RUN_TEXTS, runText } from "../../../src/l10n/run-text.ts";
import { resetTranslation, translateBy } from "../../../src/l10n/text.ts";

afterEach(resetTranslation);

/** Marks what was looked up; a value that is a text of its own is marked within. */
function mark(): void {
  translateBy((message, ...values) => {
    const text = message.replace(/\{(\d+)\}/g, (_, index) => String(values[index]));
    return `<${text}>`;
  }, "en-XA");
}

describe("a run's own words", () => {
  it("stay as they are in English", () => {
    expect(runText("waiting for a provisioner daemon")).toBe("waiting for a provisioner daemon");
  });

  it("are looked up as a whole, or by their form", () => {
    mark();
    expect(runText("waiting for a provisioner daemon")).toBe("<waiting for a provisioner daemon>");
    expect(runText("found 12 workspaces and 3 users")).toBe("<found 12 workspaces and 3 users>");
    expect(runText("dropped (code 1006) after 1m3s")).toBe("<dropped (code 1006) after 1m3s>");
    expect(runText("Round trip p95")).toBe("<Round trip p95>");
  });

  it("keep what a server said", () => {
    mark();
    expect(runText("build failed: terraform apply: exit status 1")).toBe(
      "<build failed: terraform apply: exit status 1>",
    );
    expect(runText("POST /users: 502 Bad Gateway")).toBe("POST /users: 502 Bad Gateway");
  });

  it("are looked up within each other", () => {
    mark();
    expect(runText("web terminal: connection dropped")).toBe("<<web terminal>: connection dropped>");
    expect(runText("998 succeeded, 2 failed: 1 agent never connected, 1 build failed: exit status 1")).toBe(
      "<998 succeeded, 2 failed: 1 <agent never connected>, 1 <build failed: exit status 1>>",
    );
  });

  it("are told part by part where they were put together", () => {
    mark();
    expect(runText("Open files: 1024 allowed, about 5200 needed; sign in as an owner")).toBe(
      "<Open files>: <1024 allowed, about 5200 needed>; <sign in as an owner>",
    );
  });

  it("are told one by one where an end has several", () => {
    mark();
    expect(
      runText(
        "2 thresholds broken: Queue p99 1m, wanted < 60s; Failure rate 2 %, wanted < 1 %; 9 succeeded, 1 failed",
      ),
    ).toBe(
      "<2 thresholds broken: <Queue p99 1m>, wanted < 60s>; <<Failure rate 2 %>, wanted < 1 %>; <9 succeeded, 1 failed>",
    );
  });

  it("follow when the language changes", () => {
    mark();
    expect(runText("gone")).toBe("<gone>");
    translateBy((message) => message.toUpperCase(), "en-XA");
    expect(runText("gone")).toBe("GONE");
  });
});

/**
 * What the engine and the workloads say in fixed words is held against the list; sentences with figures are held
 * against it in a real run (test/integration) and by hand.
 */
describe("every fixed word of a run", () => {
  // Descriptions are data: test/unit/l10n/shown.test.ts holds each of their texts against the lists.
  const files = globSync(["src/engine/**/*.ts", "src/workloads/**/*.ts"]);
  const code = files
    .filter((file) => !file.endsWith("describe.ts"))
    .map((file) => ({ file, text: readFileSync(file, "utf8") }));
  const calls = [
    /\.doing\(\s*"([^"]+)"/g,
    /\.doing = (?:[\w.]+ \?\? )?"([^"]+)"/g,
    /\.state\(\s*"\w+",\s*"([^"]+)"/g,
    /\bjobsLabel: "([^"]+)"/g,
    /\blabel: "([^"]+)"/g,
    /\.event\(\s*"([^"`]+)"/g,
    /\bdone: "([^"]+)"/g,
    /new JobFailure\(\s*"\w+",\s*"([^"]+)"/g,
    /\bstep\([^,]+,\s*"\w+",\s*"([^"]+)"/g,
    /\bcause: "([^"]+)"/g,
  ];
  const words = code.flatMap(({ text }) =>
    calls.flatMap((call) => [...text.matchAll(call)].map(([, word = ""]) => word)),
  );

  it("can be translated", () => {
    mark();
    // Metrics are shown with their figure behind them.
    const metrics = ["Time to ready", "Round trip", "Reconnection", "Achieved", "Messages", "Connections"];
    expect(words.length).toBeGreaterThan(50);
    for (const word of new Set(words.filter((one) => !/^(info|warning|error)$/.test(one)))) {
      const shown = metrics.includes(word) ? `${word} p95` : word;
      if (["Achieved", "Messages", "Connections"].includes(word)) continue;
      expect.soft(runText(shown), word).toBe(`<${shown}>`);
    }
  });

  it("is listed once", () => {
    expect(RUN_TEXTS).toEqual([...new Set(RUN_TEXTS)]);
  });
});
