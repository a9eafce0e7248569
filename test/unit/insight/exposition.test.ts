import { describe, expect, it } from "vitest";
import { ExpositionReader, NoExposition, readExposition } from "../../../src/insight/exposition.ts";

const values = (text: string) =>
  Object.fromEntries(
    readExposition(text).samples.map(({ name, labels, value }) => [name + JSON.stringify(labels), value]),
  );

describe("the reader of the exposition format", () => {
  it("reads counters, gauges and the lines of a histogram with their labels", () => {
    const text = [
      "# HELP requests_total How many.",
      "# TYPE requests_total counter",
      'requests_total{code="200",path="/api/{id}"} 12',
      "up 1",
      'latency_bucket{le="0.5"} 3',
      'latency_bucket{le="+Inf"} 4',
      "latency_sum 1.5e-3",
    ].join("\n");
    expect(values(text)).toEqual({
      'requests_total{"code":"200","path":"/api/{id}"}': 12,
      "up{}": 1,
      'latency_bucket{"le":"0.5"}': 3,
      'latency_bucket{"le":"+Inf"}': 4,
      "latency_sum{}": 0.0015,
    });
  });

  it.each([
    ["a NaN", Number.NaN],
    ["a +Inf", Number.POSITIVE_INFINITY],
    ["a -Inf", Number.NEGATIVE_INFINITY],
    ["a Inf", Number.POSITIVE_INFINITY],
    ["a -1.25E+3", -1_250],
    ["a .5 1700000000000", 0.5],
    ["a\t7\t1700000000.123", 7],
    ['a 3 # {trace_id="x"} 0.67 1520879607.7', 3],
    ["a{} 3", 3],
    ['a { b = "c" , } 3', 3],
  ])("reads the value of %s", (line, value) => {
    expect(readExposition(line).samples[0]?.value).toEqual(value);
  });

  it("reads escapes in labels, and names in quotes", () => {
    const { samples } = readExposition(
      String.raw`a{path="C:\\dir",text="two\nlines \"quoted\", with } and \t"} 1` +
        "\n" +
        '{"my.metric","a label"="x"} 2',
    );
    expect(samples).toMatchObject([
      { name: "a", labels: { path: "C:\\dir", text: 'two\nlines "quoted", with } and \\t' }, value: 1 },
      { name: "my.metric", labels: { "a label": "x" }, value: 2 },
    ]);
  });

  it("takes a label that is called as a property of all objects for what it is", () => {
    const [sample] = readExposition('a{__proto__="x",constructor="y"} 1').samples;
    expect(Object.entries(sample?.labels ?? {})).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  it.each([
    "a",
    "a ",
    "a one",
    "a 0x10",
    "a 1 2 3",
    "a 1 soon",
    'a{b="c} 1',
    'a{b="c" d="e"} 1',
    "a{b=c} 1",
    'a{b="c"',
    "1a 1",
    "a-b 1",
  ])("leaves out the faulty line %j, and reads those around it", (line) => {
    const page = readExposition(`before 1\n${line}\nafter 2\n`);
    expect(page.samples.map(({ name }) => name)).toEqual(["before", "after"]);
    expect(page.faulty).toBe(1);
  });

  it("reads a page in chunks as it reads it whole, wherever it is cut", () => {
    const text = '# TYPE a counter\na{b="c"} 1\r\nd 2\n\ne 3';
    const whole = readExposition(text);
    for (let size = 1; size < text.length; size++) {
      const reader = new ExpositionReader();
      for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
      expect(reader.end()).toEqual(whole);
    }
  });

  it("reads nothing behind the end of OpenMetrics", () => {
    expect(values("a_total 1\na_created 1.7e9\n# EOF\nb 2\n")).toEqual({
      "a_total{}": 1,
      "a_created{}": 1.7e9,
    });
  });

  it.each([
    ["<!DOCTYPE html>\n<html><body>Sign in</body></html>", "no Prometheus exposition"],
    ['{"message":"Route not found."}', "no Prometheus exposition"],
    ["404 page not found\n", "no Prometheus exposition"],
    ["Unauthorized", "no Prometheus exposition"],
    ["", "empty"],
  ])("says of the page %j in one line that it is none", (text, said) => {
    expect(() => readExposition(text)).toThrow(NoExposition);
    expect(() => readExposition(text, () => false)).toThrow(said);
  });

  it("takes the page of a server that has measured nothing yet", () => {
    expect(readExposition("# HELP a So many.\n# TYPE a counter\n").samples).toEqual([]);
  });

  it("keeps no more of a line without an end than of others", () => {
    const reader = new ExpositionReader();
    reader.push("good 1\n");
    for (let at = 0; at < 2_000; at++) reader.push("x".repeat(10_000));
    reader.push(" 1\nlast 2\n");
    const page = reader.end();
    expect(page.samples.map(({ name }) => name)).toEqual(["good", "last"]);
    expect(page.faulty).toBe(1);
  });

  it("keeps a bounded number of lines, and says that there were more", () => {
    const reader = new ExpositionReader();
    for (let at = 0; at < 100_100; at++) reader.push(`a{n="${at}"} 1\n`);
    const page = reader.end();
    expect(page.samples).toHaveLength(100_000);
    expect(page.full).toBe(true);
  });

  it("is done soon with a line made to keep it busy", () => {
    const begun = performance.now();
    const hostile = [
      `a{${'b="c",'.repeat(2_600)}} 1`,
      `a{b="${"\\".repeat(16_000)}"} 1`,
      `a{${" ".repeat(16_000)}} 1`,
      `{"${"x".repeat(16_000)} 1`,
      `a ${"1".repeat(16_000)}x`,
      `a 1${" ".repeat(16_000)}x`,
    ];
    for (const line of hostile) readExposition(`good 1\n${line}\n`);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
