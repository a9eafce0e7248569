import { describe, expect, it } from "vitest";
import { TEN, TEN_MISTAKES } from "../../support/ten-mistakes.ts";
import { EXAMPLE, read, told } from "./support.ts";

const STEP = "steps:\n  - create: { count: 2, template: x }\n";
const TRAFFIC = "steps:\n  - create: { count: 10, template: x }\n  - traffic: { rate: 40KB/s }\n";

describe("what is wrong with a scenario", () => {
  it("is nothing, of the example", () => {
    expect(told(EXAMPLE)).toEqual([]);
  });

  it("is told at once, each at its line and column, and what to do", () => {
    expect(told(TEN).filter((line) => line.includes(" error: "))).toEqual(TEN_MISTAKES);
  });

  it.each([
    ["a key that is there twice", `name: a\nname: b\n${STEP}`, '2:1 error: "name" is here twice'],
    ["one in a flow map", "steps:\n  - create: { count: 2, template: x, count: 3 }\n", "2:38 error: "],
    ["lines that end as on Windows", `${STEP.replaceAll("\n", "\r\n")}foo: 1\r\n`, "3:1 error: "],
    ["a byte order mark", `\uFEFFfoo: 1\n${STEP}`, "1:1 error: "],
    ["letters of two units", `name: "😀 \${X}"\n${STEP}`, "1:11 error: a file reads only variables"],
    ["a tab", "steps:\n\t- create: {}\n", "2:1 error: indent with spaces"],
    ["a second document", `${STEP}---\nname: y\n`, "3:1 error: a file has one scenario"],
    [
      "a variable in braces",
      "steps:\n  - create: { count: ${SCALETEST_N} }\n",
      "2:23 error: a variable inside",
    ],
    [
      "a merge key",
      "steps:\n  - create:\n      <<: { count: 3 }\n      template: x\n",
      "3:7 error: merge keys",
    ],
    [
      "an anchor that is not there",
      "steps:\n  - create: { template: *b }\n",
      "2:25 error: there is no anchor &b",
    ],
    ["a list in itself", "steps: &s\n  - *s\n", "2:3 error: a step must be a map"],
    ["an empty file", "", "1:1 error: the file is empty"],
    ["a file that is a text", "hello", "1:1 error: a scenario must be a map"],
    ["no steps", "name: x\n", "1:1 error: there are no steps"],
    ["nothing behind steps", "steps:\n", '1:1 error: "steps" has no value'],
    ["a step that is a text", "steps:\n  - create\n", "2:5 error: a step must be a map"],
    [
      "a step without a kind",
      "steps:\n  - name: x\n",
      "2:5 error: a step needs its kind: one of create, traffic",
    ],
    ["two kinds in a step", `${STEP}    cleanup: {}\n`, '3:5 error: a step is of one kind: make "cleanup"'],
    ["a key of no step", `${STEP}    rampto: 1m\n`, '3:5 error: a step has no "rampto"'],
    [
      "a missing blank",
      "steps:\n  - create: {count:2, template: x}\n",
      '2:14 error: create has no "count:2"; did you mean count?',
    ],
    [
      "what a command is to run",
      "steps:\n  - command: { agent: main }\n",
      "2:5 error: runCommand is required",
    ],
    ["how long to wait", "steps:\n  - hold: {}\n", "2:5 error: duration is required"],
    ["a field that is required", "steps:\n  - create: { count: 2 }\n", "2:5 error: template is required"],
    [
      "a value out of range",
      "steps:\n  - create: { count: 0, template: x }\n",
      "2:22 error: count must be 1 or more",
    ],
    [
      "a bare number of a field",
      "steps:\n  - create: { template: x, timeoutMs: 30000 }\n",
      "2:39 error: timeoutMs has no unit; write 30000s or 30000ms",
    ],
    [
      "a field by two names",
      "steps:\n  - create: { template: x, timeout: 5m, timeoutMs: 6m }\n",
      '2:41 error: "timeoutMs" is said twice',
    ],
    ["a ramp where there is none", `${STEP}    ramp: 1m\n`, "3:5 error: a step of create has no ramp"],
    [
      "a hold in two places",
      `${TRAFFIC.replace("rate:", "duration: 1m, rate:")}    hold: 2m\n`,
      "4:5 error: hold is said in the fields of traffic, too",
    ],
    [
      "two forms of one thing",
      "steps:\n  - traffic: { over: ssh, app: x }\n",
      '2:22 error: over: ssh and "app" say the same in two ways',
    ],
    ["a form that needs more", "steps:\n  - traffic: { over: app }\n", '2:22 error: over: app needs "app"'],
    [
      "a rule between fields",
      "steps:\n  - traffic: { rate: 40KB/s, bytes-per-tick: 100 }\n",
      "2:22 error: rate cannot be used with --bytes-per-tick",
    ],
    [
      "a time limit that is too short",
      "steps:\n  - traffic: {}\n    hold: 1h\n",
      "2:5 error: timeout is not longer than",
    ],
    [
      "two names that are one",
      `${STEP}    name: a\n  - cleanup: {}\n    name: a\n`,
      '5:11 error: two steps have the name "a"',
    ],
    ["a name with a blank", `${STEP}    name: a b\n`, "3:11 error: a step's name has letters"],
    [
      "a time that is none",
      `${STEP}    at: soon + x\n`,
      '3:9 error: at must be a time such as 5m, or STEP + 5m, not "soon + x"',
    ],
    ["two begins", `${STEP}    at: 5m\n    after: create\n`, "4:5 error: a step begins by one of"],
    [
      "a step that waits for itself",
      `${STEP}    after: create\n`,
      "3:12 error: steps wait for each other: create → create",
    ],
    [
      "a share of a step that takes none",
      `${STEP}    share: 5%\n`,
      "3:5 error: a step of create takes no share",
    ],
    [
      "a share without a sign",
      `${TRAFFIC}    share: 60\n`,
      "4:12 error: share must be more than 0% and at most 100%",
    ],
    ...["/etc/passwd", "../last.json", "C:/last.json", "\\\\\\\\host\\\\share", "~/last.json"].map(
      (file): [string, string, string] => [
        `a baseline that leads elsewhere: ${file}`,
        `${STEP}baseline: "${file}"\n`,
        "3:11 error: baseline must be a run's id, last-passed, or a file in the scenario's own folder",
      ],
    ),
    ["a share that is none", `${TRAFFIC}    share: 1%\n`, "4:12 error: this share of 10 workspaces is none"],
    [
      "workspaces that are not there",
      `${TRAFFIC.replace("rate:", "target-workspaces: '5:20', rate:")}`,
      '3:35 error: "traffic" wants workspaces 5 to 20, and the scenario makes 10',
    ],
    [
      "a stage above the connections",
      `${TRAFFIC}    stages: [{ for: 1m, to: 11 }]\n`,
      "4:5 error: a stage goes to 11, and the step has 10 connections",
    ],
    ["a stage without a time", `${TRAFFIC}    stages: [{ to: 5 }]\n`, "4:14 error: a stage needs for"],
    [
      "copies of what goes along",
      `${STEP}  - traffic: {}\n    with: create\n    repeat: 2\n`,
      "4:11 error: a step that goes along",
    ],
    [
      "a copy that is not named",
      `${STEP}    repeat: 2\n  - traffic: {}\n    with: create\n`,
      '5:11 error: "create" is repeated; name one of its copies: create-1, create-2',
    ],
    [
      "a load above the file's ceiling",
      `limits: { workspaces: 1 }\n${STEP}`,
      "3:5 error: a step of create asks for 2 workspaces, and the ceiling is 1 workspace",
    ],
    [
      "a metric that no step has",
      `${STEP}thresholds: [round_trip.p95 < 1s]\n`,
      "3:14 error: a metric of this run: ",
    ],
    [
      "a metric that the step has not",
      `${TRAFFIC}thresholds:\n  - round_trip{step=create}.p95 < 1s\n`,
      '5:5 error: step "create" has no round_trip',
    ],
    [
      "a label with a colon",
      `${TRAFFIC}thresholds:\n  - round_trip{transport: ssh}.p95 < 1s\n`,
      "5:5 error: a threshold must be a text",
    ],
    [
      "a threshold that folds",
      `${STEP}thresholds:\n  - > 5\n`,
      "4:7 error: a line that begins with > or | has to be quoted",
    ],
    [
      "a threshold in quotes",
      `${STEP}thresholds:\n  - "ready.p95 < 3x"\n`,
      "4:18 error: the limit must be a duration",
    ],
    [
      "a step's threshold on another",
      `${STEP}    thresholds: [ready.p95 < 3m, "queue{step=create}.p95 < 1m"]\n`,
      "3:34 error: a step's threshold is about that step",
    ],
    ["a deployment that is no URL", `deployment: coder\n${STEP}`, "1:13 error: deployment must be a URL"],
    ["a parameter that is a map", `parameters: { a: { b: 1 } }\n${STEP}`, "1:18 error: a must be a text"],
    ["a parameter without a value", `parameters:\n  a:\n${STEP}`, '2:3 error: "a" has no value'],
  ])("is found: %s", (_what, text, expected) => {
    const errors = told(text).filter((line) => line.includes(" error: "));
    expect(errors).toHaveLength(1);
    expect(errors[0]?.slice(0, expected.length)).toBe(expected);
  });

  it.each([
    [
      "a parameter that sounds like a secret",
      `parameters: { db_password: hunter2 }\n${STEP}`,
      /^1:28 warning: "db_password" looks like a secret/,
    ],
    [
      "a threshold twice",
      `${STEP}thresholds: [failures.rate < 1%, failures.rate<1.0%]\n`,
      /^3:34 warning: .* is here twice/,
    ],
    [
      "one that takes all beside one with a share",
      `${TRAFFIC}    share: 50%\n    name: a\n  - traffic: {}\n    with: a\n`,
      /^6:5 warning: "traffic" takes all workspaces, also those that "a"/,
    ],
    [
      "what of the default set nobody measures",
      `${STEP}thresholds: default\n`,
      /^3:13 warning: left out of the default thresholds, as no step measures it: throughput .*; disconnects [^;]*$/,
    ],
  ])("is told as a warning: %s", (_what, text, expected) => {
    expect(told(text)).toEqual([expect.stringMatching(expected)]);
  });

  it("is told of a step that waits for others that wait for each other, where it stands", () => {
    const text =
      "steps:\n  - traffic: {}\n    name: a\n    after: b\n  - traffic: {}\n    name: b\n    with: a\n  - traffic: {}\n    name: c\n";
    expect(told(text)).toEqual([
      "4:12 error: steps wait for each other: a → b → a; let one of them begin by another word",
      '8:5 error: this step never runs: it waits for "b", which waits for itself',
    ]);
  });

  const ENDLESS = "steps:\n  - traffic: { timeout: 0, job-timeout: 0 }\n    name: soak\n";

  it("is told of steps that wait for the end of one that nothing ends", () => {
    const never = (at: string, step: string) =>
      `${at} error: this step never runs: it begins when "${step}" ends, which nothing ends; give that a hold`;
    expect(told(`${ENDLESS}  - hold: 1m\n`)).toEqual([never("4:5", "soak")]);
    const along = `${ENDLESS}  - traffic: { timeout: 0 }\n    with: soak\n    name: a\n`;
    expect(told(`${along}  - hold: 1m\n    after: a\n    name: b\n  - hold: 2m\n`)).toEqual([
      never("8:12", "a"),
      never("10:5", "a"),
    ]);
    expect(told(along)).toEqual([]);
    expect(
      told(`${ENDLESS}  - hold: 1m\n    at: 5m\n    name: b\n  - run: { shell: ls }\n    at: b + 1m\n`),
    ).toEqual([]);
    expect(told(`${ENDLESS}  - hold: 1m\n    name: a\n  - hold: 2m\n    with: a\n    name: b\n`)).toEqual([
      never("4:5", "soak"),
      never("7:11", "soak"),
    ]);
    expect(
      told(ENDLESS.replace("timeout: 0,", "duration: 1m, timeout: 0,").concat("  - hold: 1m\n")),
    ).toEqual([]);
  });

  it("is told once of all copies of a step", () => {
    expect(told(`${ENDLESS}    repeat: 3\n`)).toEqual([
      '2:5 error: this step never runs: it begins when "soak-1" ends, which nothing ends; give that a hold',
    ]);
    const before =
      "steps:\n  - traffic: {}\n    hold: 1m\n    repeat: 3\n  - create: { count: 2, template: x }\n";
    expect(told(before)).toHaveLength(1);
  });

  it.each([
    ["two ranges", "{ target-workspaces: '0:6' }", "{ target-workspaces: '5:8' }", ["6:35", "5:6"]],
    ["a share and a range", "{ share: 50% }", "{ target-workspaces: '3:8' }", ["6:35", "3:5"]],
    ["ranges beside each other", "{ target-workspaces: '0:5' }", "{ target-workspaces: '5:8' }", undefined],
  ])(
    "is a warning where steps use the same workspaces at the same time: %s",
    (_what, one, other, expected) => {
      const made = "steps:\n  - create: { count: 10, template: x }\n";
      const text = `${made}  - traffic: ${one}\n    hold: 1m\n    name: one\n  - traffic: ${other}\n    with: one\n    name: two\n`;
      const [at, which] = expected ?? [];
      expect(told(text)).toEqual(
        expected
          ? [
              `${at} warning: "one" and "two" use the same workspaces (${which}) at the same time; let each take others, or one follow the other`,
            ]
          : [],
      );
      expect(told(text.replace("with: one", "after: one"))).toEqual([]);
    },
  );

  it.each([
    [
      "that is above",
      "steps:\n  - traffic: {}\n    hold: 1m\n  - create: { count: 2, template: x }\n",
      "2:5",
    ],
    ["that goes along", `${STEP}  - traffic: {}\n    with: create\n`, "4:11"],
    ["by the clock", `${STEP}    at: 5m\n  - traffic: {}\n    hold: 1m\n    at: 4m\n`, "6:9"],
  ])("is a warning where a step uses workspaces before any is made: %s", (_what, text, at) => {
    expect(told(text)).toEqual([
      `${at} warning: "traffic" begins before "create" has made a workspace; let it begin after "create"`,
    ]);
  });

  it("never throws, whatever is cut out of the example", () => {
    for (let at = 0; at < EXAMPLE.length; at += 7)
      for (const length of [1, 11]) read(EXAMPLE.slice(0, at) + EXAMPLE.slice(at + length));
  });

  it("ends soon for files that are made to be large", () => {
    const length = 64 * 1_024;
    const full = (head: string, part: string) =>
      head + part.repeat(Math.floor((length - head.length) / part.length));
    const anchors = Array.from({ length: 30 }, (_, n) => `  - &l${n} [*l${n - 1}, *l${n - 1}]`).join("\n");
    const chain = Array.from(
      { length: 900 },
      (_, n) => `  - traffic: {}\n    name: a${n}\n    with: a${n + 1}\n`,
    );
    for (const text of [
      `steps:\n  - &l-1 []\n${anchors}\n`,
      `steps: ${"[".repeat(5_000)}`,
      full("steps: [", ","),
      full("steps:\n", "  - create: {}\n"),
      full("steps:\n", "  - traffic: {}\n    repeat: 100\n"),
      `steps:\n${chain.join("")}`.slice(0, length),
      full("steps:\n  - create: { template: x }\nthresholds:\n", "  - ready.p95 < 3m\n"),
    ]) {
      // Of this process alone: others may keep the machine busy.
      const begun = process.cpuUsage();
      expect(read(text).problems.length).toBeGreaterThan(0);
      expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(5_000);
    }
    expect(told("x".repeat(length + 1))).toEqual(["1:1 error: is longer than 64 KiB; make it shorter"]);
  });
});
