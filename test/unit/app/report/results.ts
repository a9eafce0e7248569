import { bareResult } from "../../../../src/protocol/bare-result.ts";
import type { RunResult } from "../../../../src/protocol/result.ts";
import { foreign } from "../../../../src/text/message.ts";

/** Texts as a server may say them, and as people name things, to break out of any format. */
export const NASTY = [
  "a\nb",
  "a\r\nb\rc",
  "100 % and %0A::error::x",
  "\n::error title=x::y",
  "::warning::z",
  "x,title=y:z",
  "]]></failure></testcase>",
  "<script>alert(1)</script></pre>",
  "\u0000\u0007\u000b\u001b[31mred\u001b[0m\ufffe",
  "half \ud83d and whole \ud83d\ude00",
  "=cmd|' /C calc'!A0",
  "a|b [x](command:y) `z`",
  '"quoted" & \\backslash\\',
];

/** A run of one step that has failed in every way at once, with this text wherever a text can be. */
export function failedResult(text: string): RunResult {
  const outcome = {
    verdict: "failed",
    summary: foreign(text),
    succeeded: 1,
    failed: 1,
    orphans: 2,
    kept: 0,
    exitCode: 1,
    left: { users: 1, workspaces: 1, tokens: 0 },
    next: text,
  } as const;
  return {
    ...bareResult("k3x9q2ab", outcome),
    elapsed_ms: 61_500,
    thresholds: [
      { expression: text, label: text, limit: `< ${text}`, observed: text, state: "broken" },
      { expression: "ready.p95<1m", label: "ready", limit: "< 1m", observed: "3s", state: "met" },
      { expression: "round_trip.p95<1m", label: "trip", limit: "< 1m", observed: null, state: "broken" },
    ],
    errors_by_cause: [
      { id: "build_failed", cause: text, count: 1, example: { workspace: text, message: text } },
    ],
    warnings: [text],
  };
}

/** A run of three steps: one that has passed, one that broke its threshold, one that was not begun. */
export function stepsResult(): RunResult {
  const base = failedResult("it failed");
  const step = {
    workload: "workspace-traffic",
    state: "done",
    verdict: "passed" as const,
    summary: "3 succeeded",
    begun_ms: 1_000,
    ended_ms: 3_500,
    total_runs: 3,
    total_pass: 3,
    total_fail: 0,
    thresholds: [],
    phases: {},
    ready_ms: base.ready_ms,
    errors_by_cause: [],
  };
  const broken = {
    expression: "round_trip{step=terminals}.p95<200ms over 30s",
    label: "Round trip p95 (terminals)",
    limit: "< 200ms over 30s",
    observed: "312ms in the worst of 51 windows; 5 broken, the first from 00:46",
    step: "terminals",
    state: "broken" as const,
  };
  return {
    ...base,
    thresholds: [broken, { ...broken, expression: "failures.rate<1%", step: undefined, state: "met" }],
    steps: {
      create: step,
      terminals: { ...step, verdict: "failed", summary: "threshold broken", thresholds: [broken] },
      drill: { ...step, verdict: null, summary: "", begun_ms: null, ended_ms: null },
    },
  };
}
