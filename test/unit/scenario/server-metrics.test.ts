import { describe, expect, it } from "vitest";
import { read, told } from "./support.ts";
import { diagnosedBySchema } from "./yaml-service.ts";

const STEPS = "steps:\n  - create: { count: 2, template: x }\n";
const sourcesOf = (text: string) => read(`serverMetrics: ${text}\n${STEPS}`).scenario.serverMetrics;

describe("the server metrics of a scenario", () => {
  it.each([
    ["api", ["api"]],
    ["[auto, http://10.0.0.7:2112]", ["auto", "http://10.0.0.7:2112"]],
    ["{ prometheus: 10.0.0.9:9090 }", ["prometheus+http://10.0.0.9:9090"]],
    [
      '[{ prometheus: https://p.example.com/prom, namespace: coder, pod: "~coder-.*", labels: { eu: a&b } }]',
      ["prometheus+https://p.example.com/prom?namespace=coder&pod=%7Ecoder-.*&eu=a%26b"],
    ],
  ])("may be %s", async (text, words) => {
    expect(sourcesOf(text)).toEqual(words);
    expect(await diagnosedBySchema(`serverMetrics: ${text}\n${STEPS}`)).toEqual([]);
  });

  it.each([
    ["{ namespace: coder }", "1:16 error: must be an address, a word, or a map with the key prometheus"],
    ["{ prometheus: ftp://x }", '1:16 error: server metrics: "prometheus+ftp://x" is none of auto, api'],
    ["{ prometheus: p, token: x }", '1:33 error: serverMetrics has no "token"'],
    ["{ prometheus: p, labels: { a-b: c } }", '1:16 error: server metrics: "a-b" is no label of Prometheus'],
    [
      "{ prometheus: http://me:hunter2@p }",
      "1:16 error: server metrics: the address of p has a password in it",
    ],
  ])("may not be %s", (text, problem) => {
    const [first] = told(`serverMetrics: ${text}\n${STEPS}`).filter((line) => line.includes(" error: "));
    expect(first).toContain(problem);
    expect(first).not.toContain("hunter2");
  });
});
